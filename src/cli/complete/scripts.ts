/** The scripts that a shell reads. They ask `worksteal complete -- WORDS…`. */
import { captured } from './captured.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const PROGRAM = 'worksteal';

/**
 * Ours, and not the library's: that one needs the package bash-completion, evaluates the line as far as it is
 * typed, and fails when it is read twice.
 */
const BASH = String.raw`# completion of worksteal for bash: source <(worksteal complete bash)
_worksteal() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} words answer
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  COMPREPLY=()
  while IFS= read -r answer; do
    case $answer in
      :0) compopt -o default 2>/dev/null ;;
      :*) ;;
      *) COMPREPLY+=("${'$'}{answer%%$'\t'*}") ;;
    esac
  done < <("${'$'}{words[0]}" complete -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -F _worksteal worksteal
`;

/** The text of the script. */
export async function scriptFor(shell: Shell): Promise<string> {
  if (shell === 'bash') return BASH;
  const { script } = await import('@bomb.sh/tab');
  return captured(() => script(shell, PROGRAM, PROGRAM));
}
