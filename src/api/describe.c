/* describe.c: a model for its readers: as mathematics. */
#include "api/api.h"
#include "report/show.h"

static const OutlineFormat formats[] = {
    [DYN_TEXT] = OUTLINE_TEXT, [DYN_MARKDOWN] = OUTLINE_MARKDOWN, [DYN_LATEX] = OUTLINE_LATEX};

const char *dyn_describe(Dyn *d, const char *name, DynFormat format) {
  if (!d->ev.main_file) return NULL;
  const char *text = show_model(&d->ev, name, formats[format]);
  api_show_diagnostics(d);
  return d->diag.errors ? NULL : text;
}
