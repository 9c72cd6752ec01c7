/* fmt.c: the standard layout. It works on tokens, so that it keeps comments, parentheses and where
   the author broke lines, and decides only the blanks: two for each level of indentation, none
   around what binds tightest, one elsewhere. Arithmetic operators keep their blanks, on both sides
   or on neither (`2*pi * x` groups what belongs together). Empty lines are reduced to one; comments
   behind code on successive lines stand in one column. */
#include <string.h>

#include "base/text.h"
#include "dyn.tab.h"
#include "syntax/bracket.h"
#include "syntax/parse.h"
#include "syntax/token.h"

enum { INDENT = 2, COMMENT_GAP = 2 };

typedef struct Line {
  int indent;
  const char *code;    /* "" for a comment on its own */
  const char *comment; /* NULL if there is none */
  bool apart;          /* an empty line stands before it */
} Line;

typedef struct Open {
  int kind;   /* of the opening bracket */
  int indent; /* of its line */
} Open;

typedef struct Fmt {
  Parser *p;
  VEC(Line) lines;
  size_t kept; /* in p->tokens: the next one that the grammar saw */
  Open open[BRACKET_MAX_DEPTH];
  size_t depth;
  /* what came last, for the grammar: NULL where a statement begins */
  const Token *prev, *prev2;
  bool prev_tight; /* no blank behind it */
  /* the line at hand */
  Text code;
  const char *comment;
  int indent;
  bool apart;
} Fmt;

/* ---- blanks ---------------------------------------------------------------------------------- */

/* The next token that is no comment and no line end. */
static const Token *next_solid(const Fmt *f, const Token *t) {
  do {
    t++;
  } while (t->kind == TOK_COMMENT || parser_is_newline(f->p, t));
  return t;
}

static bool line_is_empty(const Fmt *f) {
  return f->code.n == 0;
}

static bool is_arithmetic(int kind) {
  return kind == TOK_PLUS || kind == TOK_MINUS || kind == TOK_STAR || kind == TOK_SLASH ||
         kind == TOK_PERCENT || kind == TOK_AT;
}

static bool is_sign(const Fmt *f, const Token *t) {
  return t->kind == TOK_MINUS && !(f->prev && token_ends_operand(f->prev->kind));
}

/* Is this an operator between operands that has no blanks in the text? A line end is one. */
static bool is_packed(const Fmt *f, const Token *t) {
  if (!is_arithmetic(t->kind) || is_sign(f, t) || t[1].kind == TOK_DERIV) return false;
  bool before = t[-1].span.end < t->span.start || line_is_empty(f);
  bool behind = t->span.end < t[1].span.start || parser_is_newline(f->p, t + 1);
  return !before && !behind;
}

static bool in_index(const Fmt *f) {
  return f->depth > 0 && f->open[f->depth - 1].kind == TOK_LBRACKET;
}

/* A bracket that belongs to the operand before it: a call, an index, parameters. */
static bool is_postfix(const Fmt *f) {
  if (f->prev->kind == TOK_FN) return true;
  bool length_of_phase = f->prev2 && f->prev2->kind == TOK_PHASE;
  return token_ends_operand(f->prev->kind) && !length_of_phase;
}

static bool tight_before(const Fmt *f, const Token *t) {
  switch (t->kind) {
    case TOK_COMMA:
    case TOK_SEP:
    case TOK_DOT:
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_QUOTE:
    case TOK_RANGE:
    case TOK_CARET: return true;
    case TOK_LPAREN:
    case TOK_LBRACKET: return is_postfix(f);
    case TOK_COLON:
      if (f->prev->kind == TOK_COMMA) return false;
      return in_index(f) || next_solid(f, t)->kind != TOK_LBRACKET;
    default: return is_packed(f, t);
  }
}

static bool tight_behind(const Fmt *f, const Token *t) {
  switch (t->kind) {
    case TOK_DOT:
    case TOK_LPAREN:
    case TOK_LBRACKET:
    case TOK_RANGE:
    case TOK_CARET: return true;
    case TOK_COLON: return in_index(f);
    default: return is_sign(f, t) || is_packed(f, t);
  }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* The indentation of a line that begins with t: that of the line where the brackets were opened
   that it closes, or one level more than the innermost; a statement that goes on has another. */
static int indent_of(const Fmt *f, const Token *t) {
  size_t depth = f->depth;
  for (; token_closes(t->kind) && depth > 0; t++) depth--;
  if (depth < f->depth) return f->open[depth].indent;
  const Open *top = depth > 0 ? &f->open[depth - 1] : NULL;
  bool goes_on = f->prev && (!top || top->kind == TOK_LBRACE) && f->prev->kind != TOK_LBRACE;
  return (top ? top->indent + INDENT : 0) + (goes_on ? INDENT : 0);
}

static void begin_line(Fmt *f, const Token *t) {
  f->indent = indent_of(f, t);
  f->apart = f->apart && !token_closes(t->kind);
}

static void end_line(Fmt *f) {
  if (line_is_empty(f) && !f->comment) {
    f->apart = f->lines.n > 0;
    return;
  }
  const Line *above = f->lines.n ? &f->lines.at[f->lines.n - 1] : NULL;
  size_t n = above ? strlen(above->code) : 0;
  bool opened = n > 0 && strchr("([{", above->code[n - 1]);
  *vec_push(f->p->arena, &f->lines) =
      (Line){f->indent, text_str(&f->code), f->comment, f->apart && !opened};
  f->code = (Text){.arena = f->p->arena};
  f->comment = NULL;
  f->apart = false;
}

static void add_comment(Fmt *f, const Token *t) {
  const char *s = f->p->src->text + t->span.start, *end = f->p->src->text + t->span.end;
  while (end > s && strchr(" \t\r", end[-1])) end--;
  if (line_is_empty(f)) begin_line(f, t);
  f->comment = arena_strndup(f->p->arena, s, (size_t)(end - s));
}

static void add_number(Fmt *f, const Token *t) {
  text_add(&f->code, t->text);
  if (!t->unit) return;
  bool brackets = f->p->src->text[t->span.end - 1] == ']';
  text_printf(&f->code, brackets ? " [%s]" : " %s", t->unit);
}

static void add_token(Fmt *f, const Token *t) {
  if (line_is_empty(f)) {
    begin_line(f, t);
  } else if (!f->prev_tight && !(f->prev && tight_before(f, t))) {
    text_add(&f->code, " ");
  }
  f->prev_tight = tight_behind(f, t);
  if (t->kind == TOK_NUMBER) {
    add_number(f, t);
  } else {
    text_add_n(&f->code, f->p->src->text + t->span.start, t->span.end - t->span.start);
  }
  if (token_opens(t->kind)) f->open[f->depth++] = (Open){t->kind, f->indent};
  if (token_closes(t->kind)) f->depth--;
  f->prev2 = f->prev;
  f->prev = t;
}

/* A semicolon stays between statements of one line, and where without it a line that begins with a
   sign would go on with the one before. */
static void add_semicolon(Fmt *f, const Token *t) {
  int next = t[1].kind;
  bool between = !line_is_empty(f) && next != TOK_SEP && next != TOK_COMMENT &&
                 next != TOK_RBRACE && next != TOK_DYNEOF && f->prev;
  if (!between && next_solid(f, t)->kind != TOK_MINUS) return;
  if (line_is_empty(f)) begin_line(f, t);
  text_add(&f->code, ";");
  f->prev_tight = false;
}

static bool was_kept(Fmt *f, const Token *t) {
  bool kept = f->kept < f->p->tokens.n && f->p->tokens.at[f->kept] == t;
  if (kept) f->kept++;
  return kept;
}

/* Behind the last statement of a body or file line ends are not kept, for they separate nothing. */
static bool is_last(const Fmt *f, const Token *t) {
  int next = next_solid(f, t)->kind;
  return next == TOK_RBRACE || next == TOK_DYNEOF;
}

static void add(Fmt *f, const Token *t) {
  bool kept = was_kept(f, t);
  if (t->kind == TOK_COMMENT) {
    add_comment(f, t);
  } else if (parser_is_newline(f->p, t)) {
    end_line(f);
  } else if (t->kind == TOK_SEP) {
    add_semicolon(f, t);
  } else {
    add_token(f, t);
  }
  if (t->kind == TOK_SEP && (kept || is_last(f, t))) f->prev = f->prev2 = NULL;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int width_of(const char *s) {
  int n = 0;
  for (; *s; s++) n += ((unsigned char)*s & 0xC0) != 0x80;
  return n;
}

static bool has_both(const Line *l) {
  return *l->code && l->comment;
}

/* Does another run of lines begin at l? In a run, comments stand in one column. */
static bool begins_run(const Fmt *f, const Line *l) {
  return l == f->lines.at || l->apart || l->indent != l[-1].indent;
}

static int comment_column(const Fmt *f, const Line *l, const Line *end) {
  int column = 0;
  const Line *first = l;
  for (; l < end && (l == first || !begins_run(f, l)); l++) {
    int width = l->indent + width_of(l->code);
    if (has_both(l) && width > column) column = width;
  }
  return column + COMMENT_GAP;
}

static const char *join_lines(const Fmt *f) {
  Text out = {.arena = f->p->arena};
  if (!f->lines.n) return "";
  const Line *end = f->lines.at + f->lines.n;
  int column = 0;
  for (const Line *l = f->lines.at; l < end; l++) {
    if (begins_run(f, l)) column = comment_column(f, l, end);
    if (l->apart) text_add(&out, "\n");
    text_printf(&out, "%*s%s", l->indent, "", l->code);
    if (has_both(l)) text_printf(&out, "%*s", column - l->indent - width_of(l->code), "");
    text_printf(&out, "%s\n", l->comment ? l->comment : "");
  }
  return text_str(&out);
}

const char *fmt_source(Arena *a, const Source *src, DiagList *d) {
  int before = d->errors;
  Parser *p = parser_make(a, src, d, TOK_START_FILE);
  if (!p || !parser_run(p) || d->errors > before) return NULL;
  Fmt f = {.p = p, .code = {.arena = a}};
  for (size_t i = 0; i + 1 < p->raw.n; i++) add(&f, &p->raw.at[i]);
  end_line(&f);
  return join_lines(&f);
}
