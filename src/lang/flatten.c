/* flatten.c: see flatten.h. Texts are changed, not printed anew, so that comments and layout stay:
   each reference to an imported name is replaced in place, and at the first import of a file the
   statements of it that are needed are put in, with the comments before and beside them. */
#include "lang/flatten.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lang/flatten_file.h"

/* ---- files ----------------------------------------------------------------------------------- */

static void add_names(Flat *f, FlatFile *file, const Ast *s) {
  bool from = s->kind == AST_FROM;
  if (s->kind == AST_IMPORT) map_set(&file->names, import_name(f->ev, s), (void *)s);
  for (uint32_t i = 0; from && i < s->nkids; i++)
    map_set(&file->names, s->kids[i]->name, (void *)s);
  if (s->kind == AST_PARAM || ast_declares_function(s))
    map_set(&file->declared, s->name, (void *)s);
  for (uint32_t i = 0; s->kind == AST_LET && i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    if (item->kind == AST_ITEM) map_set(&file->declared, item->name, (void *)s);
    for (uint32_t k = 1; item->kind == AST_UNPACK && k < item->nkids; k++)
      map_set(&file->declared, item->kids[k]->name, (void *)s);
  }
}

FlatFile *flat_file(Flat *f, const Ast *tree, const char *name, const char *prefix) {
  for (size_t i = 0; i < f->files.n; i++)
    if (f->files.at[i]->tree == tree) return f->files.at[i];
  FlatFile *file = ARENA_NEW(f->arena, FlatFile);
  *file = (FlatFile){.tree = tree, .name = name, .prefix = prefix};
  map_init(&file->declared, f->arena);
  map_init(&file->names, f->arena);
  map_init(&file->needed, f->arena);
  for (uint32_t i = 0; i < tree->nkids; i++) add_names(f, file, tree->kids[i]);
  *vec_push(f->arena, &f->files) = file;
  return file;
}

FlatFile *flat_imported(Flat *f, const Ast *s) {
  return flat_file(f, import_tree(f->ev, s), s->text, import_module(f->ev, s)->path);
}

void flat_edit(Flat *f, FlatFile *file, Span span, const char *text) {
  *vec_push(f->arena, &file->edits) = (Edit){span, text};
}

static int compare_edits(const void *a, const void *b) {
  uint32_t x = ((const Edit *)a)->span.start, y = ((const Edit *)b)->span.start;
  return (x > y) - (x < y);
}

/* The text of a stretch of the file with its edits, which do not overlap. */
static void put_edited(Text *out, FlatFile *file, Span span) {
  const char *text = file->tree->src->text;
  uint32_t at = span.start;
  if (file->edits.n) qsort(file->edits.at, file->edits.n, sizeof *file->edits.at, compare_edits);
  for (size_t i = 0; i < file->edits.n; i++) {
    const Edit *e = &file->edits.at[i];
    if (e->span.start < at || e->span.end > span.end) continue;
    text_add_n(out, text + at, e->span.start - at);
    text_add(out, e->text);
    at = e->span.end;
  }
  text_add_n(out, text + at, span.end - at);
}

/* ---- declarations of imported files ---------------------------------------------------------- */

static void rename_at(Flat *f, FlatFile *file, const Ast *x, Span span) {
  flat_edit(f, file, span, arena_printf(f->arena, "%s_%s", file->prefix, x->name));
}

/* A parameter of an imported file is a constant: it cannot be set from outside, and its range was
   checked. */
static void make_constant(Flat *f, FlatFile *file, const Ast *s) {
  const char *text = file->tree->src->text;
  flat_edit(f, file, (Span){s->span.start, s->name_span.start}, "let ");
  if (s->nkids < 2 || !s->kids[1]) return;
  uint32_t from = s->kids[1]->span.start;
  while (text[from] != '[') from--;
  for (from--; isspace((unsigned char)text[from]);) from--;
  flat_edit(f, file, (Span){from - 1, s->span.end}, ""); /* from the word `in` on */
}

static void rename_declared(Flat *f, FlatFile *file, const Ast *s) {
  if (s->kind == AST_PARAM) make_constant(f, file, s);
  if (s->kind != AST_LET) rename_at(f, file, s, s->name_span);
  for (uint32_t i = 0; s->kind == AST_LET && i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    if (item->kind == AST_ITEM) rename_at(f, file, item, item->name_span);
    if (item->kind == AST_UNPACK) {
      f->failed = true;
      ev_error(f->ev, E0813, ast_where(item),
               "fields taken by name, as in `let (a, b) = ...`, cannot be renamed");
    }
  }
}

/* ---- statements of imported files ------------------------------------------------------------ */

/* Where the line that holds `at` begins. */
static uint32_t line_start(const char *text, uint32_t at) {
  while (at > 0 && text[at - 1] != '\n') at--;
  return at;
}

static bool is_comment_line(const char *text, uint32_t start) {
  while (text[start] == ' ' || text[start] == '\t') start++;
  return text[start] == '#';
}

/* The statement with the comments above it and behind it. */
static Span with_comments(const char *text, Span s) {
  uint32_t start = line_start(text, s.start);
  bool alone = text[start + strspn(text + start, " \t")] == text[s.start] &&
               start + strspn(text + start, " \t") == s.start;
  if (!alone) start = s.start;
  while (alone && start > 0 && is_comment_line(text, line_start(text, start - 1)))
    start = line_start(text, start - 1);
  uint32_t end = s.end + (uint32_t)strspn(text + s.end, " \t;");
  if (text[end] == '#') s.end = end + (uint32_t)strcspn(text + end, "\n");
  return (Span){start, s.end};
}

static void put_comment(Text *out, const char *doc) {
  while (doc && *doc) {
    size_t n = strcspn(doc, "\n");
    text_printf(out, "# %.*s\n", (int)n, doc);
    doc += n + (doc[n] == '\n');
  }
}

static void put_imports(Flat *f, Text *out, const FlatFile *file);

static void put_file(Flat *f, Text *out, FlatFile *file) {
  if (file->written) return;
  file->written = true;
  put_imports(f, out, file);
  if (!file->needed.n) return;
  text_printf(out, "\n\n# ---- from %s ----\n", file->name);
  put_comment(out, file->tree->doc);
  for (uint32_t i = 0; i < file->tree->nkids; i++) {
    const Ast *s = file->tree->kids[i];
    if (!map_has(&file->needed, arena_printf(f->arena, "%u", s->span.start))) continue;
    text_add(out, "\n");
    put_edited(out, file, with_comments(file->tree->src->text, s->span));
    text_add(out, "\n");
  }
  text_printf(out, "\n# ---- end of %s ----\n\n", file->name);
}

static void put_imports(Flat *f, Text *out, const FlatFile *file) {
  for (uint32_t i = 0; i < file->tree->nkids; i++) {
    const Ast *s = file->tree->kids[i];
    if (s->kind == AST_IMPORT || s->kind == AST_FROM) put_file(f, out, flat_imported(f, s));
  }
}

/* ---- the model ------------------------------------------------------------------------------- */

/* Is a name that will be made there already, for something else? */
static void check_clash(Flat *f, const Ast *x) {
  for (size_t i = 1; x->name && i < f->files.n; i++) {
    const FlatFile *file = f->files.at[i];
    size_t n = strlen(file->prefix);
    bool same = strncmp(x->name, file->prefix, n) == 0 && x->name[n] == '_' &&
                map_has(&file->declared, x->name + n + 1);
    if (!same) continue;
    f->failed = true;
    ev_error(f->ev, E0813, ast_where(x), "the name `%s` is needed for `%s` of %s", x->name,
             x->name + n + 1, file->name);
  }
  for (uint32_t i = 0; i < x->nkids && !f->failed; i++)
    if (x->kids[i]) check_clash(f, x->kids[i]);
}

static void put_head(const Flat *f, Text *out) {
  const Ev *ev = f->ev;
  if (f->files.n < 2 && !ev->loaded.n) return;
  for (size_t i = 1; i < f->files.n; i++)
    text_printf(out, i == 1 ? "# With what it imports: %s" : ", %s", f->files.at[i]->name);
  if (f->files.n > 1) text_add(out, ".\n");
  for (size_t i = 0; i < ev->loaded.n; i++)
    text_printf(out, i == 0 ? "# Files that it loads, beside it: %s" : ", %s",
                ev->loaded.at[i].name);
  text_add(out, ev->loaded.n ? ".\n\n" : "\n");
}

/* The imports of the model become what they bring. */
static void put_model(Flat *f, Text *out, FlatFile *model) {
  for (uint32_t i = 0; i < model->tree->nkids; i++) {
    const Ast *s = model->tree->kids[i];
    if (s->kind != AST_IMPORT && s->kind != AST_FROM) continue;
    Text in = {.arena = f->arena};
    put_file(f, &in, flat_imported(f, s));
    flat_edit(f, model, s->span, text_str(&in));
  }
  put_edited(out, model, (Span){0, model->tree->src->len});
}

const char *flatten(Ev *ev) {
  Flat f = {.ev = ev, .arena = ev->arena};
  Text out = {.arena = ev->arena};
  const Ast *tree = ev->main_file;
  FlatFile *model = flat_file(&f, tree, ev->main_source->name, NULL);
  for (uint32_t i = 0; i < tree->nkids; i++) flat_walk_statement(&f, model, tree->kids[i]);
  for (size_t i = 1; i < f.files.n; i++)
    for (size_t k = 0; k < f.files.at[i]->needed.n; k++)
      rename_declared(&f, f.files.at[i], f.files.at[i]->needed.items[k].value);
  for (size_t i = 0; i < f.files.n && !f.failed; i++) check_clash(&f, f.files.at[i]->tree);
  if (f.failed) return NULL;
  put_head(&f, &out);
  put_model(&f, &out, model);
  return text_str(&out);
}
