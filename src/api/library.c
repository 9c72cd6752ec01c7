/* library.c: the declarations of the standard library, for help. Its files are parsed when they are
   first asked for, and kept as long as the Dyn. */
#include <string.h>

#include "api/help.h"
#include "report/body.h"
#include "syntax/parse.h"

static bool is_declaration(const Ast *x) {
  return x->kind == AST_FN || x->kind == AST_NEURON || x->kind == AST_CONNECTIVITY ||
         x->kind == AST_NETWORK || x->kind == AST_TASK || x->kind == AST_ANALYSIS;
}

const Ast *library_parse(Arena *a, const StdlibFile *f) {
  DiagList none; /* the tests parse each of these files */
  diag_init(&none, a);
  const char *name = arena_printf(a, "std.%s", f->name);
  return parse_source(a, source_make(a, name, f->text, f->len), &none);
}

static void add_file(Dyn *d, const StdlibFile *f) {
  const Ast *file = library_parse(d->arena, f);
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *x = file->kids[i];
    if (!is_declaration(x)) continue;
    const char *name = arena_printf(d->arena, "std.%s.%s", f->name, x->name);
    *vec_push(d->arena, &d->library) = (LibraryItem){name, f->name, x};
  }
}

const LibraryItem *library_item(Dyn *d, size_t i) {
  if (d->library.n == 0)
    for (const StdlibFile *f = stdlib_files; f->name; f++) add_file(d, f);
  return i < d->library.n ? &d->library.at[i] : NULL;
}

const LibraryItem *library_find(Dyn *d, const char *name) {
  const LibraryItem *item;
  for (size_t i = 0; (item = library_item(d, i)); i++)
    if (strcmp(item->name, name) == 0 || strcmp(item->tree->name, name) == 0) return item;
  return NULL;
}

void library_put(FILE *out, const void *what) {
  const LibraryItem *item = what;
  const Ast *x = item->tree;
  Arena *a = arena_new();
  help_put_wrapped(out, "",
                   arena_printf(a, "%s %s", ast_kind_name((AstKind)x->kind), body_signature(a, x)));
  if (x->doc) putc('\n', out);
  if (x->doc) help_put_wrapped(out, "", x->doc);
  fprintf(out, "\nfrom std.%s import %s\n", item->module, x->name);
  arena_free(a);
}
