/* mend.c: see mend.h. A fault is first shown to the traps, each of which knows one kind of mistake;
   what none of them knows gets the general message, "unexpected this; expected that". */
#include "syntax/mend.h"

#include <string.h>

#include "dyn.tab.h"
#include "syntax/trap.h"

/* ---- going on -------------------------------------------------------------------------------- */

void mend_skip(Parser *p) {
  size_t i = p->look;
  Token *const *tokens = p->tokens.at;
  /* In hand again is where the last fault ended: that place helped nobody. */
  if (i == p->sync && i > 0 && tokens[i]->kind != TOK_DYNEOF) i++;
  for (size_t depth = 0; tokens[i]->kind != TOK_DYNEOF; i++) {
    int kind = tokens[i]->kind;
    if (depth == 0 && (kind == TOK_SEP || token_closes(kind))) break;
    if (token_opens(kind)) depth++;
    if (token_closes(kind)) depth--;
  }
  p->pos = p->sync = i;
}

/* ---- the place of a fault -------------------------------------------------------------------- */

/* The index of the first token of the statement that token i belongs to. */
static size_t statement_start(const Parser *p, size_t i, const Token **opener) {
  *opener = NULL;
  for (size_t depth = 0; i > 0; i--) {
    const Token *t = p->tokens.at[i - 1];
    if (token_closes(t->kind)) depth++;
    if (depth == 0 && (t->kind == TOK_SEP || t->kind == TOK_LBRACE)) break;
    if (!token_opens(t->kind)) continue;
    if (depth > 0) {
      depth--;
    } else if (!*opener) {
      *opener = t;
    }
  }
  return i;
}

/* The index of the `{` around token i; false if there is none. */
static bool enclosing_brace(const Parser *p, size_t i, size_t *brace) {
  for (size_t depth = 0; i > 0; i--) {
    int kind = p->tokens.at[i - 1]->kind;
    *brace = i - 1;
    if (token_closes(kind)) depth++;
    if (depth == 0 && kind == TOK_LBRACE) return true;
    if (token_opens(kind) && depth > 0) depth--;
  }
  return false;
}

static bool heads_body(int kind) {
  return kind == TOK_NEURON || kind == TOK_NETWORK || kind == TOK_TASK || kind == TOK_PHASE ||
         kind == TOK_WHEN;
}

static Fault fault_at(Parser *p, const char *found, const char *const *expected, size_t n) {
  size_t i = p->look;
  Token *const *tokens = p->tokens.at;
  Fault f = {.p = p, .tok = tokens[i], .found = found, .expected = expected, .n = n};
  f.prev = tokens[i > 0 ? i - 1 : 0];
  f.next = tokens[f.tok->kind == TOK_DYNEOF ? i : i + 1];
  f.first = tokens[statement_start(p, i, &f.opener)];
  size_t brace;
  if (enclosing_brace(p, i, &brace)) {
    const Token *opener;
    size_t header = statement_start(p, brace, &opener);
    f.in_body = !opener && heads_body(tokens[header]->kind);
    f.in_block = !f.in_body;
  }
  return f;
}

/* What is missing at the end of the file is missing behind the last token. */
Where fault_where(const Fault *f) {
  Span last = f->prev->span;
  bool over = f->tok->kind == TOK_DYNEOF && f->prev != f->tok;
  return parser_where(f->p, over ? (Span){last.end, last.end} : f->tok->span);
}

bool fault_expects(const Fault *f, const char *symbol) {
  for (size_t i = 0; i < f->n; i++) {
    if (strcmp(f->expected[i], symbol) == 0) return true;
  }
  return false;
}

/* The words "a number", "the end of the line" name kinds of tokens; the rest are tokens. */
static bool names_kind(const char *symbol) {
  return strncmp(symbol, "a ", 2) == 0 || strncmp(symbol, "the ", 4) == 0;
}

const char *fault_quoted(Arena *a, const char *symbol) {
  return names_kind(symbol) ? symbol : arena_printf(a, "`%s`", symbol);
}

const char *fault_found(const Fault *f) {
  Arena *a = f->p->arena;
  const Token *t = f->tok;
  bool semicolon = t->kind == TOK_SEP && f->p->src->text[t->span.start] == ';';
  if (semicolon) return "`;`";
  if (t->kind == TOK_NAME) return arena_printf(a, "name `%s`", t->text);
  if (t->kind == TOK_NUMBER) return arena_printf(a, "number `%s`", t->text);
  if (t->kind == TOK_STRING) return "string";
  if (t->kind == TOK_DERIV) return arena_printf(a, "`d%s/dt`", t->text);
  return fault_quoted(a, f->found);
}

/* ---- the general message --------------------------------------------------------------------- */

static bool is_one_of(const char *symbol, const char *const *list) {
  for (; *list; list++) {
    if (strcmp(*list, symbol) == 0) return true;
  }
  return false;
}

/* Symbols that are no news: what may begin an expression is told as "an expression", and behind an
   operand there may always be an operator. */
static const char *const begins_expression[] = {"a number", "a string", "a name", "true", "false",
                                                "(",        "[",        "{",      "-",    "not",
                                                "if",       "fn",       "sweep",  NULL};
static const char *const follows_operand[] = {
    "or", "and", "==", "!=", "<", "<=", ">", ">=", "..", "+",  "-",
    "*",  "/",   "%",  "@",  "^", "'",  ".", "(",  "[",  "+-", NULL};

static const char *expected_text(const Fault *f) {
  enum { MOST = 6 };
  const char *kept[MOST + 1] = {0};
  size_t n = 0;
  bool expression = fault_expects(f, "a number"), operand = fault_expects(f, "+");
  if (fault_expects(f, "let")) return expression || f->in_body ? "a statement" : "";
  if (expression) kept[n++] = "an expression";
  for (size_t i = 0; i < f->n; i++) {
    const char *s = f->expected[i];
    if (expression && is_one_of(s, begins_expression)) continue;
    if (operand && is_one_of(s, follows_operand)) continue;
    if (strcmp(s, "the end of the file") == 0 && fault_expects(f, "the end of the line")) continue;
    if (n == MOST) return "";
    kept[n++] = strcmp(s, "an expression") == 0 ? s : fault_quoted(f->p->arena, s);
  }
  const char *text = n ? kept[0] : "";
  for (size_t i = 1; i < n; i++) {
    text = arena_printf(f->p->arena, "%s%s%s", text, i + 1 < n ? ", " : " or ", kept[i]);
  }
  return text;
}

static void report_generally(const Fault *f) {
  const char *expected = expected_text(f);
  diag_add(f->p->diags, E0101, fault_where(f), "unexpected %s%s%s", fault_found(f),
           *expected ? "; expected " : "", expected);
}

/* To explain a fault takes time that grows with the text before it; nobody reads so many. */
enum { MOST_FAULTS = 100 };

void mend_report(Parser *p, const char *found, const char *const *expected, size_t n) {
  if (++p->faults > MOST_FAULTS) {
    mend_skip(p);
    return;
  }
  Fault f = fault_at(p, found, expected, n);
  bool told = f.tok->bad || f.prev->bad || (f.opener && f.opener->bad) ||
              (p->look == p->sync && p->sync > 0);
  if (!told && !trap_tell(&f)) report_generally(&f);
  mend_skip(p);
}

void mend_report_depth(Parser *p, Span at_) {
  diag_add(p->diags, E0135, parser_where(p, at_),
           "operators inside each other are nested too deeply");
}
