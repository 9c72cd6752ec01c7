/* describe.c: a model for its readers: as mathematics, and as its comments describe it. */
#include <string.h>

#include "api/help.h"
#include "base/file.h"
#include "report/document.h"
#include "report/show.h"

static const OutlineFormat formats[] = {
    [DYN_TEXT] = OUTLINE_TEXT, [DYN_MARKDOWN] = OUTLINE_MARKDOWN, [DYN_LATEX] = OUTLINE_LATEX};

const char *dyn_describe(Dyn *d, const char *name, DynFormat format) {
  if (!d->ev.main_file) return NULL;
  const char *text = show_model(&d->ev, name, formats[format]);
  api_show_diagnostics(d);
  return d->diag.errors ? NULL : text;
}

static const char *const std_prefix = "std.";

/* The tree of a module; NULL: reported. */
static const Ast *module_tree(Dyn *d, const char *module) {
  size_t n = strlen(std_prefix);
  const char *name = strncmp(module, std_prefix, n) == 0 ? module + n : module;
  const StdlibFile *f = stdlib_files;
  while (f->name && strcmp(f->name, name) != 0) f++;
  if (f->name) return library_parse(d->work, f);
  Diag *x = diag_add(&d->diag, E0217, (Where){0}, "there is no module `%s`", module);
  for (f = stdlib_files; f->name; f++)
    diag_note(&d->diag, x, (Where){0}, "there is `%s%s`", std_prefix, f->name);
  return NULL;
}

const char *dyn_document(Dyn *d, const char *module, DynFormat format) {
  api_begin(d);
  const Ast *file = module ? module_tree(d, module) : d->file;
  api_show_diagnostics(d);
  if (!file) return NULL;
  Outline o = {.text = {.arena = d->work}, .as = formats[format]};
  document_file(&o, file, module ? module : path_stem(d->work, d->source->name), 1);
  return text_str(&o.text);
}
