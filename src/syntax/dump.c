/* dump.c: the tree as indented s-expressions, one node a line, for tests. */
#include "base/text.h"
#include "syntax/parse.h"

static void add_quoted(Text *t, const char *s) {
  text_add(t, "\"");
  for (; *s; s++) {
    if (*s == '\n') {
      text_add(t, "\\n");
    } else {
      if (*s == '"' || *s == '\\') text_add(t, "\\");
      text_add_n(t, s, 1);
    }
  }
  text_add(t, "\"");
}

static void dump_flags(Text *t, const Ast *x) {
  static const struct {
    int flag;
    const char *name;
  } flags[] = {{AST_DRAWN, "drawn"},         {AST_SHAPED, "shaped"}, {AST_EVERY, "every"},
               {AST_TRAINABLE, "trainable"}, {AST_QUOTED, "quoted"}, {AST_PARENS, "parens"}};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
    if (x->flags & flags[i].flag) text_printf(t, " %s", flags[i].name);
  }
}

static void dump_fields(Text *t, const Ast *x) {
  if (x->op) text_printf(t, " %s", ast_op_text((AstOp)x->op));
  if (x->name) text_printf(t, " %s", x->name);
  bool number = x->kind == AST_NUMBER || x->kind == AST_BOOL || (x->kind == AST_FILE && x->num);
  if (number) text_printf(t, " %.17g", x->num);
  if (x->text && x->kind != AST_NUMBER) {
    text_add(t, " ");
    add_quoted(t, x->text);
  }
  if (x->unit) text_printf(t, " [%s]", x->unit);
  dump_flags(t, x);
  if (!x->doc) return;
  text_add(t, " ## ");
  add_quoted(t, x->doc);
}

static void dump(Text *t, const Ast *x, int depth) {
  text_printf(t, "%*s", 2 * depth, "");
  if (!x) {
    text_add(t, "-");
    return;
  }
  text_printf(t, "(%s", ast_kind_name((AstKind)x->kind));
  dump_fields(t, x);
  for (uint32_t i = 0; i < x->nkids; i++) {
    text_add(t, "\n");
    dump(t, x->kids[i], depth + 1);
  }
  text_add(t, ")");
}

const char *ast_dump(Arena *a, const Ast *x) {
  Text t = {.arena = a};
  dump(&t, x, 0);
  text_add(&t, "\n");
  return text_str(&t);
}
