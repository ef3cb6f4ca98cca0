/** The report's style sheet: light and dark as the reader has it, light on paper. */
const LIGHT = `--ground:#fff;--text:#1b1f1d;--soft:#59625d;--line:#e2e4e2;--warn:#8a5300;
--heat:#c9d8ea;--of-positions:#3f5f8f;--of-working:#7f9fc6;--of-reserved:#4f9a86;--of-cancelling:#c98a3d;
--of-earmarked:#b6a2d6`;
const DARK = `--ground:#0f1211;--text:#e4e8e6;--soft:#a2aca7;--line:#2c3330;--warn:#e0a552;
--heat:#2b3f5c;--of-positions:#5d83bd;--of-working:#3c5a85;--of-reserved:#3f8f79;--of-cancelling:#b77f3a;
--of-earmarked:#7d6aa3`;

export const STYLE = `
:root{${LIGHT};color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{max-width:980px;margin:0 auto;padding:24px 20px 40px;background:var(--ground);color:var(--text);
font:14px/1.45 system-ui,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
h1{margin:0;font-size:20px}
h2{margin:28px 0 8px;font-size:15px}
p{margin:4px 0}
.soft,figcaption,dt,thead th{color:var(--soft)}
dl{display:flex;flex-wrap:wrap;gap:10px 32px;margin:16px 0 0}
dd{margin:0;font-size:17px;font-weight:600}
figure{margin:0}
.tall{margin-top:14px}
svg{display:block;width:100%}
svg text{fill:var(--soft);font-size:12px}
.bars{height:22px;fill:var(--of-working)}
.tall .bars{height:56px;border-bottom:1px solid var(--line)}
.interval{stroke:var(--of-working);stroke-width:3}
.interval.stands{stroke:var(--of-positions)}
circle.mean{fill:var(--ground);stroke:var(--of-working);stroke-width:2}
circle.stands{fill:var(--of-positions)}
.band{fill:var(--line)}
.line{fill:none;stroke:var(--of-positions);stroke-width:1.5}
.shares{height:12px;background:var(--line)}
.cap{fill:none;stroke:var(--text);stroke-dasharray:5 4}
.axis{stroke:var(--line)}
${['positions', 'working', 'reserved', 'cancelling', 'earmarked']
  .map((name) => `.of-${name}{fill:var(--of-${name});background:var(--of-${name})}`)
  .join('\n')}
.key{display:flex;flex-wrap:wrap;gap:2px 18px;margin:6px 0 0;padding:0;list-style:none;color:var(--soft)}
.swatch{display:inline-block;width:10px;height:10px;margin-right:5px;border-radius:2px}
.wide{overflow-x:auto}
table{border-spacing:0}
th,td{padding:3px 12px 3px 0;border-bottom:1px solid var(--line);text-align:left;font-weight:400;
vertical-align:top}
.number{text-align:right}
.over{width:45%;min-width:160px}
.full{width:100%}
.nowrap{white-space:nowrap}
td.what{overflow-wrap:anywhere}
.matrix td,.matrix thead th+th{min-width:64px;padding:3px 8px;text-align:center}
.matrix .is-some{background:var(--heat)}
.matrix .is-fight{outline:1px solid var(--warn);outline-offset:-2px}
.fight{color:var(--warn)}
.notes{margin-top:28px;padding-left:18px;color:var(--soft);font-size:13px}
@media (max-width:600px){.nowrap{white-space:normal}td.what{min-width:170px}.over{min-width:90px}}
@media print{body{max-width:none;padding:0;font-size:11px}*{print-color-adjust:exact}
section{break-inside:avoid}.wide{overflow:visible}}
@page{margin:14mm}
`;
