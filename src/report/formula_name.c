/* formula_name.c: the leaves of formulas: names with Greek letters and subscripts, numbers, units,
   and text in which markup means nothing. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/formula.h"
#include "report/label.h"
#include "report/svg.h"

static const struct {
  const char *name, *letter, *latex;
} greek[] = {
    {"alpha", "α", "\\alpha"},   {"beta", "β", "\\beta"},       {"gamma", "γ", "\\gamma"},
    {"delta", "δ", "\\delta"},   {"epsilon", "ε", "\\epsilon"}, {"eps", "ε", "\\epsilon"},
    {"zeta", "ζ", "\\zeta"},     {"eta", "η", "\\eta"},         {"theta", "θ", "\\theta"},
    {"kappa", "κ", "\\kappa"},   {"lambda", "λ", "\\lambda"},   {"lam", "λ", "\\lambda"},
    {"mu", "μ", "\\mu"},         {"nu", "ν", "\\nu"},           {"xi", "ξ", "\\xi"},
    {"rho", "ρ", "\\rho"},       {"sigma", "σ", "\\sigma"},     {"tau", "τ", "\\tau"},
    {"phi", "φ", "\\phi"},       {"chi", "χ", "\\chi"},         {"psi", "ψ", "\\psi"},
    {"omega", "ω", "\\omega"},   {"pi", "π", "\\pi"},           {"inf", "∞", "\\infty"},
    {"Gamma", "Γ", "\\Gamma"},   {"Delta", "Δ", "\\Delta"},     {"Theta", "Θ", "\\Theta"},
    {"Phi", "Φ", "\\Phi"},       {"Psi", "Ψ", "\\Psi"},         {"Omega", "Ω", "\\Omega"},
    {"Lambda", "Λ", "\\Lambda"}, {"Sigma", "Σ", "\\Sigma"},     {"Xi", "Ξ", "\\Xi"},
};
enum { GREEK = sizeof greek / sizeof *greek };

/* Functions for which LaTeX has a command of the same name. */
static const char *const latex_functions[] = {
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "min", "max",
};

/* ---- text ------------------------------------------------------------------------------------ */

static const struct {
  const char *text, *latex;
} special[] = {
    {"\\", "\\textbackslash{}"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"#", "\\#"},
    {"$", "\\$"},
    {"%", "\\%"},
    {"&", "\\&"},
    {"_", "\\_"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"−", "$-$"},
    {"×", "$\\times$"},
    {"±", "$\\pm$"},
    {"·", "$\\cdot$"},
    {"µ", "$\\mu$"},
    {"≤", "$\\leq$"},
    {"≥", "$\\geq$"},
    {"≈", "$\\approx$"},
    {"→", "$\\rightarrow$"},
    {"√", "$\\surd$"},
    {"⁻", "\\textsuperscript{$-$}"},
    {"⁰", "\\textsuperscript{0}"},
    {"¹", "\\textsuperscript{1}"},
    {"²", "\\textsuperscript{2}"},
    {"³", "\\textsuperscript{3}"},
    {"⁴", "\\textsuperscript{4}"},
    {"⁵", "\\textsuperscript{5}"},
    {"⁶", "\\textsuperscript{6}"},
    {"⁷", "\\textsuperscript{7}"},
    {"⁸", "\\textsuperscript{8}"},
    {"⁹", "\\textsuperscript{9}"},
};

/* Adds the character at p as LaTeX has it; its length in bytes. */
static size_t add_latex_character(Text *t, const char *p) {
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
    size_t n = strlen(special[i].text);
    if (strncmp(p, special[i].text, n) != 0) continue;
    text_add(t, special[i].latex);
    return n;
  }
  for (int i = 0; i < GREEK; i++) {
    size_t n = strlen(greek[i].letter);
    if (strncmp(p, greek[i].letter, n) != 0) continue;
    text_printf(t, "$%s$", greek[i].latex);
    return n;
  }
  text_add_n(t, p, 1);
  return 1;
}

static const char *latex_escape(Arena *a, const char *text) {
  Text t = {.arena = a};
  while (*text) text += add_latex_character(&t, text);
  return text_str(&t);
}

const char *formula_escape(Arena *a, Notation as, const char *text) {
  if (as == NOTATION_MATHML) return markup_escape(a, text);
  return as == NOTATION_LATEX ? latex_escape(a, text) : text;
}

/* ---- words ----------------------------------------------------------------------------------- */

static int greek_of(const char *word) {
  for (int i = 0; i < GREEK; i++)
    if (strcmp(word, greek[i].name) == 0) return i;
  return -1;
}

/* Letters of a word stand upright, a letter alone in italics. The blank ends a command. */
static void add_latex_word(Formula *f, const char *word, int letter, bool function) {
  bool known = false;
  for (size_t i = 0; i < sizeof latex_functions / sizeof *latex_functions; i++)
    known = known || (function && strcmp(word, latex_functions[i]) == 0);
  if (letter >= 0)
    text_printf(&f->text, "%s ", greek[letter].latex);
  else if (known)
    text_printf(&f->text, "\\%s ", word);
  else
    text_printf(&f->text,
                word[0] && word[1] && !isdigit((unsigned char)*word) ? "\\mathrm{%s}" : "%s",
                latex_escape(f->text.arena, word));
}

static void add_word(Formula *f, const char *word, bool function) {
  int letter = greek_of(word);
  const char *shown = letter >= 0 ? greek[letter].letter : word;
  if (f->as == NOTATION_LATEX)
    add_latex_word(f, word, letter, function);
  else if (f->as == NOTATION_MATHML) /* one letter is set in italics, a word upright */
    text_printf(&f->text, "<mi>%s</mi>", markup_escape(f->text.arena, shown));
  else
    text_add(&f->text, shown);
}

void formula_word(Formula *f, const char *word) {
  add_word(f, word, true);
}

static void add_part(Formula *f, const char *s, size_t n) {
  add_word(f, arena_strndup(f->text.arena, s, n), false);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Of "V" in "V_th", "x" in "x1", all of "rate". */
static size_t stem_length(const char *name) {
  size_t n = strlen(name);
  const char *bar = strchr(name, '_');
  if (bar && bar > name && bar[1]) return (size_t)(bar - name);
  size_t stem = n;
  while (stem > 1 && isdigit((unsigned char)name[stem - 1])) stem--;
  return isalpha((unsigned char)name[stem - 1]) ? stem : n;
}

bool formula_is_word(const char *name) {
  return stem_length(name) > 1;
}

/* The parts of a subscript, with commas. */
static void add_subscript(Formula *f, const char *s) {
  for (s += *s == '_'; *s;) {
    size_t part = strcspn(s, "_");
    add_part(f, s, part);
    s += part;
    if (!*s) return;
    text_add(&f->text, f->as == NOTATION_MATHML ? "<mo>,</mo>" : ",");
    s++;
  }
}

static void add_plain(Formula *f, const char *name, const char *of) {
  if (of) {
    add_part(f, of, strlen(of));
    text_add(&f->text, ".");
  }
  size_t stem = stem_length(name);
  add_part(f, name, stem);
  text_add(&f->text, name + stem);
}

static void add_latex(Formula *f, const char *name, const char *of) {
  size_t stem = stem_length(name);
  add_part(f, name, stem);
  if (name[stem]) {
    text_add(&f->text, "_{");
    add_subscript(f, name + stem);
    text_add(&f->text, "}");
  }
  if (!of) return;
  text_add(&f->text, "^{");
  formula_word(f, of);
  text_add(&f->text, "}");
}

static void add_mathml(Formula *f, const char *name, const char *of) {
  size_t stem = stem_length(name);
  bool sub = name[stem] != '\0';
  const char *tag = sub ? (of ? "msubsup" : "msub") : of ? "msup" : NULL;
  if (tag) text_printf(&f->text, "<%s>", tag);
  add_part(f, name, stem);
  if (sub) {
    text_add(&f->text, "<mrow>");
    add_subscript(f, name + stem);
    text_add(&f->text, "</mrow>");
  }
  if (of) formula_word(f, of);
  if (tag) text_printf(&f->text, "</%s>", tag);
}

void formula_member(Formula *f, const char *name, const char *of) {
  static void (*const add[NOTATIONS])(Formula *, const char *, const char *) = {
      [NOTATION_MATHML] = add_mathml, [NOTATION_LATEX] = add_latex, [NOTATION_TEXT] = add_plain};
  add[f->as](f, name, of);
}

void formula_name(Formula *f, const char *name) {
  const char *dot = strrchr(name, '.');
  if (dot)
    formula_member(f, dot + 1, arena_strndup(f->text.arena, name, (size_t)(dot - name)));
  else
    formula_member(f, name, NULL);
}

/* ---- numbers and units ----------------------------------------------------------------------- */

static const char *latex_number(Arena *a, double x, int digits) {
  if (isnan(x)) return "\\mathrm{NaN}";
  if (isinf(x)) return x > 0 ? "\\infty" : "-\\infty";
  const char *text = arena_printf(a, "%.*g", digits, x), *e = strchr(text, 'e');
  if (!e) return text;
  return arena_printf(a, "%.*s \\times 10^{%d}", (int)(e - text), text, atoi(e + 1));
}

const char *formula_number(Arena *a, Notation as, double x, int digits) {
  return as == NOTATION_LATEX ? latex_number(a, x, digits) : label_number(a, x, digits);
}

static const char *add_latex_unit_name(Text *t, const char *p) {
  size_t n = 0;
  while (isalpha((unsigned char)p[n])) n++;
  bool micro = p[0] == 'u' && n > 1, ohm = n >= 3 && strncmp(p + n - 3, "ohm", 3) == 0;
  if (micro) text_add(t, "\\mu ");
  text_add_n(t, p + micro, n - micro - (ohm ? 3 : 0));
  if (ohm) text_add(t, "\\Omega ");
  return p + n;
}

static const char *latex_unit(Arena *a, const char *unit) {
  Text t = {.arena = a};
  for (const char *p = unit; *p;) {
    if (isalpha((unsigned char)*p)) {
      p = add_latex_unit_name(&t, p);
    } else if (*p == '^') {
      size_t n = 1 + strspn(p + 1, "-.0123456789");
      text_printf(&t, "^{%.*s}", (int)(n - 1), p + 1);
      p += n;
    } else {
      text_add_n(&t, *p == '*' ? "\\cdot " : p, *p == '*' ? strlen("\\cdot ") : 1);
      p++;
    }
  }
  return text_str(&t);
}

const char *formula_unit(Arena *a, Notation as, const char *unit) {
  if (as == NOTATION_LATEX) return latex_unit(a, unit);
  const char *shown = label_unit(a, unit);
  return as == NOTATION_MATHML ? markup_escape(a, shown) : shown;
}
