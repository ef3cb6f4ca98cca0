/** What a page of this server may load: everything comes from it, nothing is inline, nobody may frame it. */
export const OWN_CONTENT_ALONE = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
} as const;
