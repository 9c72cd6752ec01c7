/* scan.c: numbers with units, words, strings, and messages about what is no token. Positions are
   kept here, not by Flex: p->at is where the matched text starts, and every token moves it on. */
#include "syntax/scan.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dim.h"
#include "dyn.tab.h"

enum { TOK_BLANK = -1 }; /* in foreign.def: a character to pass over */

typedef void *yyscan_t;
typedef struct yy_buffer_state *YY_BUFFER_STATE;
int dyn_scan_lex_init_extra(Parser *extra, yyscan_t *scanner);
int dyn_scan_lex_destroy(yyscan_t scanner);
YY_BUFFER_STATE dyn_scan__scan_bytes(const char *bytes, int n, yyscan_t scanner);
int dyn_scan_all(yyscan_t scanner);

static Where here(const Parser *p, size_t n) {
  return parser_where(p, (Span){p->at, p->at + (uint32_t)n});
}

static Token *add_token(Parser *p, int kind, size_t n) {
  Token *t = vec_push(p->arena, &p->raw);
  t->kind = kind;
  t->span = (Span){p->at, p->at + (uint32_t)n};
  p->at += (uint32_t)n;
  return t;
}

static void add_error_token(Parser *p, size_t n) {
  add_token(p, TOK_DYN_error, n)->bad = true;
}

void scan_skip(Parser *p, size_t n) {
  p->at += (uint32_t)n;
}

void scan_add(Parser *p, int kind, size_t n) {
  add_token(p, kind, n);
}

void scan_word(Parser *p, const char *text, size_t n) {
  const Word *w = word_find(text, n);
  bool keyword = w && w->kind == RESERVED;
  Token *t = add_token(p, keyword ? w->token : TOK_NAME, n);
  t->text = w ? w->text : arena_strndup(p->arena, text, n);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static size_t digits_length(const char *s) {
  size_t n = 0;
  while (is_digit(s[n]) || (s[n] == '_' && n > 0 && is_digit(s[n + 1]))) n++;
  return n;
}

/* The length of the number that the text begins with: the scanner's NUMBER. */
static size_t number_length(const char *s) {
  size_t n = digits_length(s);
  if (s[n] == '.' && is_digit(s[n + 1])) n += 1 + digits_length(s + n + 1);
  if (s[n] == 'e' || s[n] == 'E') {
    size_t e = n + 1 + (s[n + 1] == '+' || s[n + 1] == '-');
    while (is_digit(s[e])) n = ++e;
  }
  return n;
}

static double number_value(Parser *p, const char *text, size_t n) {
  char *plain = arena_alloc(p->arena, n + 1);
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    if (text[i] != '_') plain[m++] = text[i];
  }
  return strtod(plain, NULL);
}

/* Adds a number whose digits are the first k of n bytes. */
static Token *add_number(Parser *p, const char *text, size_t k, size_t n) {
  double num = number_value(p, text, k);
  bool large = isinf(num);
  if (large) {
    diag_add(p->diags, E0109, here(p, k), "this number is too large; the largest is about 1.8e308");
  }
  Token *t = add_token(p, TOK_NUMBER, n);
  t->bad = large;
  t->num = large ? 0 : num;
  t->text = arena_strndup(p->arena, text, k);
  return t;
}

/* Division by a whole power of ten is exact where multiplication by 1e-3 is not. */
static double in_si(double num, double factor) {
  double inverse = nearbyint(1 / factor);
  return factor < 1 && 1 / inverse == factor ? num / inverse : num * factor;
}

static bool set_unit(Parser *p, Token *t, const char *unit, size_t n, const char **bad) {
  Dim dim;
  double factor;
  if (!unit_parse(unit, n, &dim, &factor, p->arena, bad)) return false;
  t->unit = arena_strndup(p->arena, unit, n);
  t->num = in_si(t->num, factor);
  return true;
}

void scan_number(Parser *p, const char *text, size_t n) {
  add_number(p, text, n, n);
}

static size_t blanks_length(const char *s) {
  return strspn(s, " \t");
}

size_t scan_quantity(Parser *p, const char *text, size_t n) {
  size_t k = number_length(text), u = k + blanks_length(text + k);
  if (!unit_is_name(text + u, n - u)) {
    add_number(p, text, k, k);
    return k;
  }
  set_unit(p, add_number(p, text, k, n), text + u, n - u, NULL);
  return n;
}

static const char *nearest_unit(const char *name) {
  const char *const *names;
  size_t n = unit_names(&names);
  return nearest_name(name, names, n);
}

/* Is `bad` a number right behind a letter of the unit, as in `cm2`? */
static bool is_power(const char *unit, const char *bad) {
  if (bad[0] < '0' || bad[0] > '9') return false;
  const char *found = strstr(unit, bad);
  return found && found > unit && isalpha((unsigned char)found[-1]);
}

static void complain_about_unit(Parser *p, Where at, const char *unit, const char *bad) {
  if (!*bad) {
    diag_add(p->diags, E0110, at, "expected a unit in the brackets, such as `[mS/cm^2]`");
    return;
  }
  if (is_power(unit, bad)) {
    diag_add(p->diags, E0110, at, "a power of a unit is written with `^`: `^%s`", bad);
    return;
  }
  const char *near = nearest_unit(bad);
  diag_add(p->diags, E0110, at, "`%s` is no unit%s%s%s", bad, near ? "; did you mean `" : "",
           near ? near : "", near ? "`?" : "");
}

void scan_compound(Parser *p, const char *text, size_t n) {
  size_t k = number_length(text), open = k + blanks_length(text + k);
  const char *unit = text + open + 1, *bad = "";
  size_t unit_n = n - open - 2;
  uint32_t start = p->at;
  Token *t = add_number(p, text, k, n);
  bool known = set_unit(p, t, unit, unit_n, &bad);
  Where brackets = parser_where(p, (Span){start + (uint32_t)open, p->at});
  if (!known && open == k) {
    diag_add(p->diags, E0111, brackets, "a number cannot be indexed");
  } else if (!known) {
    complain_about_unit(p, brackets, arena_strndup(p->arena, unit, unit_n), bad);
  } else if (open == k) {
    diag_add(p->diags, E0107, parser_where(p, t->span),
             "a blank is missing between number and unit: `%s [%.*s]`", t->text, (int)unit_n, unit);
  }
  t->bad = t->bad || !known || open == k;
}

void scan_glued(Parser *p, const char *text, size_t n) {
  size_t k = number_length(text);
  int rest_n = (int)(n - k);
  const char *rest = text + k;
  Where at = here(p, n);
  Token *t = add_number(p, text, k, n);
  t->bad = true;
  if (unit_is_name(rest, n - k)) {
    set_unit(p, t, rest, n - k, NULL);
    diag_add(p->diags, E0107, at, "a blank is missing between number and unit: `%s %.*s`", t->text,
             rest_n, rest);
  } else {
    diag_add(p->diags, E0113, at, "`%.*s` is no number; a product needs a `*`: `%s * %.*s`", (int)n,
             text, t->text, rest_n, rest);
  }
}

void scan_lone_point(Parser *p, const char *text, size_t n) {
  size_t k = digits_length(text);
  bool after_name = !k && p->raw.n && p->raw.at[p->raw.n - 1].span.end == p->at &&
                    token_ends_operand(p->raw.at[p->raw.n - 1].kind);
  if (after_name) {
    diag_add(p->diags, E0108, here(p, n), "the name of a field does not begin with a digit");
    add_error_token(p, n);
    return;
  }
  const char *mend = k ? arena_printf(p->arena, "%.*s.0", (int)k, text)
                       : arena_printf(p->arena, "0%.*s", (int)n, text);
  diag_add(p->diags, E0108, here(p, n), "a point has a digit on both sides: `%s`", mend);
  Token *t = add_number(p, mend, strlen(mend), n);
  t->bad = true;
}

/* ---- words ----------------------------------------------------------------------------------- */

void scan_derivative(Parser *p, const char *text, size_t n) {
  size_t name_n = n - strlen("d/dt");
  add_token(p, TOK_DERIV, n)->text = arena_strndup(p->arena, text + 1, name_n);
}

size_t scan_name_before_slash(Parser *p, const char *text) {
  size_t n = (size_t)(strchr(text, '/') - text);
  scan_word(p, text, n);
  return n;
}

/* ---- what is not ASCII ----------------------------------------------------------------------- */

typedef struct Foreign {
  const char *character, *ascii;
  int token; /* 0 for a letter */
} Foreign;

static const Foreign foreigns[] = {
#define LETTER(character, name) {character, name, 0},
#define SYMBOL(character, ascii, token) {character, ascii, TOK_##token},
#include "syntax/foreign.def"
#undef LETTER
#undef SYMBOL
};

static const Foreign *foreign_find(const char *s, size_t n) {
  for (size_t i = 0; i < sizeof foreigns / sizeof foreigns[0]; i++) {
    const char *c = foreigns[i].character;
    if (strlen(c) == n && memcmp(c, s, n) == 0) return &foreigns[i];
  }
  return NULL;
}

static size_t character_length(const char *s, size_t n) {
  size_t k = 1;
  while (k < n && ((unsigned char)s[k] & 0xC0) == 0x80) k++;
  return k;
}

static size_t scan_symbol(Parser *p, const Foreign *f) {
  size_t n = strlen(f->character);
  bool mark = p->at == 0 && strcmp(f->character, "\uFEFF") == 0;
  if (!mark) {
    bool words = f->token == TOK_BLANK;
    diag_add(p->diags, E0104, here(p, n), "`%s` only looks right; write %s%s%s",
             words ? " " : f->character, words ? "" : "`", f->ascii, words ? "" : "`");
  }
  if (f->token == TOK_BLANK) {
    scan_skip(p, n);
  } else {
    add_token(p, f->token, n)->bad = true;
  }
  return n;
}

/* Is this the unit of the number before it, written with a micro sign or an Omega? Then the number
   gets it. */
static bool scan_foreign_unit(Parser *p, const char *text, size_t n) {
  static const char *const units[][2] = {
      {"μ", "u"},     {"µ", "u"},     {"Ω", "ohm"}, {"Ω", "ohm"},
      {"kΩ", "kohm"}, {"MΩ", "Mohm"}, {"°", "deg"},
  };
  Token *number = p->raw.n ? &p->raw.at[p->raw.n - 1] : NULL;
  if (!number || number->kind != TOK_NUMBER || number->unit) return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    size_t k = strlen(units[i][0]);
    if (n < k || memcmp(text, units[i][0], k) != 0) continue;
    const char *unit = arena_printf(p->arena, "%s%.*s", units[i][1], (int)(n - k), text + k);
    if (!unit_is_name(unit, strlen(unit))) continue;
    diag_add(p->diags, E0103, here(p, n), "units are written in ASCII: `%s %s`", number->text,
             unit);
    set_unit(p, number, unit, strlen(unit), NULL);
    number->bad = true;
    scan_skip(p, n);
    return true;
  }
  return false;
}

/* A name of n bytes with letters outside ASCII; taken as if written with their names. */
static void scan_foreign_name(Parser *p, const char *text, size_t n) {
  const char *name = "";
  bool known = true;
  for (size_t i = 0, k; i < n; i += k) {
    k = character_length(text + i, n - i);
    const Foreign *f = k > 1 ? foreign_find(text + i, k) : NULL;
    known = known && (k == 1 || f);
    const char *part = f ? f->ascii : k == 1 ? arena_strndup(p->arena, text + i, 1) : "_";
    name = arena_printf(p->arena, "%s%s", name, part);
  }
  if (known) {
    diag_add(p->diags, E0103, here(p, n), "names are written in ASCII: `%s`", name);
  } else {
    diag_add(p->diags, E0103, here(p, n), "`%.*s` is no name: letters are A to Z and a to z",
             (int)n, text);
  }
  Token *t = add_token(p, TOK_NAME, n);
  t->text = name;
  t->bad = true;
}

size_t scan_foreign(Parser *p, const char *text, size_t n) {
  bool ascii = true;
  size_t end = 0;
  const Foreign *symbol = NULL;
  for (size_t k; end < n && !symbol; end += symbol ? 0 : k) {
    k = character_length(text + end, n - end);
    const Foreign *f = k > 1 ? foreign_find(text + end, k) : NULL;
    if (f && f->token)
      symbol = f;
    else
      ascii = ascii && k == 1;
  }
  if (symbol && end == 0) return scan_symbol(p, symbol);
  if (ascii) {
    scan_word(p, text, end);
  } else if (!scan_foreign_unit(p, text, end)) {
    scan_foreign_name(p, text, end);
  }
  return end;
}

/* ---- strings --------------------------------------------------------------------------------- */

static bool is_utf8(const char *s, size_t n) {
  for (size_t i = 0, k; i < n; i += k) {
    k = utf8_length(s + i);
    if (k == 0) return false;
  }
  return true;
}

/* The character that `\c` stands for, or 0. */
static char escaped(char c) {
  static const char from[] = "nt\"\\", to[] = "\n\t\"\\";
  const char *at = c ? strchr(from, c) : NULL;
  return at ? to[at - from] : '\0';
}

void scan_string(Parser *p, const char *text, size_t n) {
  char *out = arena_alloc(p->arena, n);
  size_t m = 0;
  bool bad = !is_utf8(text, n);
  if (bad) diag_add(p->diags, E0146, here(p, n), "this string is not valid UTF-8");
  for (size_t i = 1; i + 1 < n; i++) {
    if (text[i] != '\\') {
      out[m++] = text[i];
      continue;
    }
    char c = escaped(text[++i]);
    if (c) {
      out[m++] = c;
      continue;
    }
    Span at = {p->at + (uint32_t)i - 1, p->at + (uint32_t)i + 1};
    diag_add(p->diags, E0106, parser_where(p, at),
             "unknown escape in a string; there are `\\n`, `\\t`, `\\\"` and `\\\\`");
    bad = true;
  }
  Token *t = add_token(p, TOK_STRING, n);
  t->text = out;
  t->len = m;
  t->bad = bad;
}

void scan_open_string(Parser *p, size_t n) {
  diag_add(p->diags, E0105, here(p, n), "this string has no closing `\"` on its line");
  Token *t = add_token(p, TOK_STRING, n);
  t->text = "";
  t->bad = true;
}

/* ---- the rest -------------------------------------------------------------------------------- */

void scan_foreign_operator(Parser *p, const char *text, size_t n) {
  static const struct {
    const char *text, *mend;
    int token;
  } rows[] = {{"**", "`^`", TOK_CARET},
              {"&&", "`and`", TOK_AND},
              {"||", "`or`", TOK_OR},
              {"!", "`not`", TOK_NOT},
              {"//", "`/`, which never rounds, or `#` for a comment", TOK_DYN_error}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strlen(rows[i].text) != n || memcmp(rows[i].text, text, n) != 0) continue;
    diag_add(p->diags, E0114, here(p, n), "`%s` is no operator of Dyn; write %s", rows[i].text,
             rows[i].mend);
    add_token(p, rows[i].token, n)->bad = true;
    return;
  }
}

void scan_stray(Parser *p, unsigned char c) {
  if (c > 0x20 && c < 0x7F) {
    diag_add(p->diags, E0102, here(p, 1), "stray character `%c`", c);
  } else {
    diag_add(p->diags, E0102, here(p, 1), "stray byte 0x%02x", c);
  }
  add_error_token(p, 1);
}

void scan_source(Parser *p) {
  yyscan_t scanner;
  if (dyn_scan_lex_init_extra(p, &scanner) == 0) {
    dyn_scan__scan_bytes(p->src->text, (int)p->src->len, scanner);
    dyn_scan_all(scanner);
    dyn_scan_lex_destroy(scanner);
  }
  p->at = p->src->len;
  add_token(p, TOK_DYNEOF, 0);
}
