/* outline.c: see outline.h. */
#include "report/outline.h"

#include <ctype.h>
#include <string.h>

#include "report/label.h"

enum { WIDTH = 90 }; /* of prose on a terminal */

Notation outline_notation(const Outline *o) {
  return o->as == OUTLINE_TEXT ? NOTATION_TEXT : NOTATION_LATEX;
}

static Arena *arena_of(const Outline *o) {
  return o->text.arena;
}

static void put(Outline *o, const char *s) {
  text_add(&o->text, s);
}

/* An empty line between this and what stands before. */
static void part(Outline *o) {
  if (o->text.n) put(o, "\n");
}

static void put_repeated(Outline *o, const char *s, size_t n) {
  while (n--) put(o, s);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* What Markdown would take as markup; a line of prose begins no list or heading here. */
static const char *markdown_escape(Arena *a, const char *text) {
  Text t = {.arena = a};
  for (; *text; text++) {
    if (*text == '<')
      text_add(&t, "&lt;");
    else
      text_printf(&t, strchr("\\*_[]|$#", *text) ? "\\%c" : "%c", *text);
  }
  return text_str(&t);
}

const char *outline_plain(const Outline *o, const char *text) {
  if (o->as == OUTLINE_MARKDOWN) return markdown_escape(arena_of(o), text);
  return o->as == OUTLINE_LATEX ? formula_escape(arena_of(o), NOTATION_LATEX, text) : text;
}

const char *outline_named(const Outline *o, const char *name) {
  if (o->as == OUTLINE_MARKDOWN) return arena_printf(arena_of(o), "`%s`", name);
  if (o->as == OUTLINE_TEXT) return name;
  return arena_printf(arena_of(o), "\\texttt{%s}", outline_plain(o, name));
}

const char *outline_formula(const Outline *o, const char *formula) {
  return o->as == OUTLINE_TEXT ? formula : arena_printf(arena_of(o), "$%s$", formula);
}

/* ---- headings and paragraphs ----------------------------------------------------------------- */

/* Words in lines of at most WIDTH columns; the marks of code are left out. */
static void put_wrapped(Outline *o, const char *doc) {
  size_t column = 0;
  while (*(doc += strspn(doc, " \n"))) {
    size_t n = strcspn(doc, " \n"), ends = strspn(doc + n, " \n");
    char *word = arena_strndup(arena_of(o), doc, n);
    size_t kept = 0, gap = column ? 1 : 0;
    for (size_t i = 0; i < n; i++)
      if (word[i] != '`') word[kept++] = word[i];
    word[kept] = '\0';
    bool breaks = column && column + 1 + label_length(word) > WIDTH;
    text_printf(&o->text, "%s%s", breaks ? "\n" : gap ? " " : "", word);
    column = breaks ? label_length(word) : column + gap + label_length(word);
    doc += n;
    if (ends > 1 && strncmp(doc, "\n\n", 2) == 0 && doc[ends]) {
      put(o, "\n\n");
      column = 0;
    }
  }
  put(o, "\n");
}

static void put_heading(Outline *o, int level, const char *ready, size_t width) {
  static const char *const sections[] = {"section", "subsection", "subsubsection"};
  part(o);
  if (o->as == OUTLINE_MARKDOWN) {
    put_repeated(o, "#", (size_t)level);
    text_printf(&o->text, " %s\n", ready);
  } else if (o->as == OUTLINE_LATEX) {
    text_printf(&o->text, "\\%s{%s}\n", sections[level - 1], ready);
  } else {
    put_wrapped(o, ready);
    if (level < 3) put_repeated(o, level == 1 ? "=" : "-", width < WIDTH ? width : WIDTH);
    if (level < 3) put(o, "\n");
  }
}

void outline_heading(Outline *o, int level, const char *text) {
  put_heading(o, level, outline_plain(o, text), label_length(text));
}

void outline_code_heading(Outline *o, int level, const char *kind, const char *code) {
  const char *ready = outline_named(o, code);
  put_heading(o, level, *kind ? arena_printf(arena_of(o), "%s %s", kind, ready) : ready,
              strlen(kind) + (*kind ? 1 : 0) + label_length(code));
}

/* One line of a comment: what stands between ` and ` is code. */
static void put_marked(Outline *o, const char *line, size_t n) {
  const char *rest = arena_strndup(arena_of(o), line, n);
  for (bool code = false; *rest; code = !code) {
    size_t length = strcspn(rest, "`");
    const char *piece = arena_strndup(arena_of(o), rest, length);
    bool marked = code && rest[length] == '`';
    if (length) put(o, marked ? outline_named(o, piece) : outline_plain(o, piece));
    rest += length + (rest[length] == '`');
  }
}

void outline_doc(Outline *o, const char *doc) {
  if (!doc || !*doc) return;
  part(o);
  if (o->as == OUTLINE_TEXT) {
    put_wrapped(o, doc);
    return;
  }
  while (*doc) {
    size_t n = strcspn(doc, "\n");
    put_marked(o, doc, n);
    put(o, "\n");
    doc += n + (doc[n] == '\n');
  }
}

void outline_code(Outline *o, const char *code) {
  part(o);
  if (o->as == OUTLINE_MARKDOWN)
    text_printf(&o->text, "```dyn\n%s\n```\n", code);
  else if (o->as == OUTLINE_LATEX)
    text_printf(&o->text, "\\begin{verbatim}\n%s\n\\end{verbatim}\n", code);
  else
    text_printf(&o->text, "%s\n", code);
}

/* ---- equations ------------------------------------------------------------------------------- */

static const char *note_of(const Outline *o, const BodyLine *l) {
  const char *note = l->doc && *l->doc ? l->doc : l->role;
  char *line = arena_strdup(arena_of(o), note);
  for (char *c = line; *c; c++)
    if (*c == '\n' || *c == '`') *c = ' ';
  return line;
}

/* Formulas of usual length end in one column, behind which the notes stand. */
static void put_plain_lines(Outline *o, const BodyLine *lines, size_t n) {
  enum { NOTE_COLUMN_MOST = 56 };
  size_t column = 0;
  for (size_t i = 0; i < n; i++) {
    size_t width = label_length(lines[i].formula) + 2 * (size_t)lines[i].indent;
    if (width > column && width <= NOTE_COLUMN_MOST) column = width;
  }
  for (size_t i = 0; i < n; i++) {
    const char *note = note_of(o, &lines[i]);
    size_t width = label_length(lines[i].formula) + 2 * (size_t)lines[i].indent;
    text_printf(&o->text, "  %*s%s", 2 * lines[i].indent, "", lines[i].formula);
    if (*note) put_repeated(o, " ", (width < column ? column - width : 0) + 3);
    text_printf(&o->text, "%s\n", note);
  }
}

static bool stands(const char *at, const char *what) {
  return strncmp(at, what, strlen(what)) == 0;
}

/* Where the sign between the sides stands, outside of all brackets and environments; the start if
   there is none. */
static size_t relation_at(const char *formula) {
  static const char *const relations[] = {" = ", " \\sim ", " \\rightarrow ", " \\leftarrow ",
                                          " \\mathrel{+}= "};
  int depth = 0;
  for (size_t i = 0; formula[i]; i++) {
    if (strchr("{([", formula[i]) || stands(formula + i, "\\begin{")) depth++;
    if (strchr("})]", formula[i]) || stands(formula + i, "\\end{")) depth--;
    for (size_t k = 0; depth == 0 && k < sizeof relations / sizeof *relations; k++)
      if (stands(formula + i, relations[k])) return i;
  }
  return 0;
}

static void put_aligned(Outline *o, const BodyLine *l) {
  size_t at = relation_at(l->formula);
  const char *note = note_of(o, l);
  put(o, "  ");
  put_repeated(o, "\\quad ", (size_t)l->indent);
  text_add_n(&o->text, l->formula, at);
  text_printf(&o->text, " &%s", l->formula + at);
  if (*note)
    text_printf(&o->text, " && \\text{%s}", formula_escape(arena_of(o), NOTATION_LATEX, note));
}

void outline_lines(Outline *o, const BodyLine *lines, size_t n) {
  if (!n) return;
  part(o);
  if (o->as == OUTLINE_TEXT) {
    put_plain_lines(o, lines, n);
    return;
  }
  bool latex = o->as == OUTLINE_LATEX;
  put(o, latex ? "\\begin{align}\n" : "$$\n\\begin{aligned}\n");
  for (size_t i = 0; i < n; i++) {
    put_aligned(o, &lines[i]);
    put(o, i + 1 < n ? " \\\\\n" : "\n");
  }
  put(o, latex ? "\\end{align}\n" : "\\end{aligned}\n$$\n");
}

/* ---- tables ---------------------------------------------------------------------------------- */

typedef struct Grid {
  const char *const *cells;
  size_t rows;
  int columns;
  size_t width[16]; /* 0: an empty column */
} Grid;

static const char *cell(const Grid *g, size_t row, int column) {
  return g->cells[row * (size_t)g->columns + (size_t)column];
}

/* A terminal is shown no head. */
static void measure(Grid *g, bool headed) {
  for (int k = 0; k < g->columns; k++) {
    for (size_t i = 1; i <= g->rows; i++) {
      size_t n = label_length(cell(g, i, k));
      if (n > g->width[k]) g->width[k] = n;
    }
    size_t head = label_length(cell(g, 0, k));
    if (headed && g->width[k] && head > g->width[k]) g->width[k] = head;
  }
}

static void put_row(Outline *o, const Grid *g, size_t row, const char *open, const char *between,
                    const char *close) {
  bool padded = o->as == OUTLINE_TEXT;
  const char *gap = "";
  size_t blanks = 0; /* that stand before the next cell that is not empty */
  put(o, open);
  for (int k = 0; k < g->columns; k++) {
    const char *text = cell(g, row, k);
    if (!g->width[k]) continue;
    if (padded)
      blanks += strlen(gap);
    else
      put(o, gap);
    if (*text) put_repeated(o, " ", blanks), blanks = 0;
    put(o, text);
    if (padded) blanks += g->width[k] - label_length(text);
    gap = between;
  }
  put(o, close);
}

static void put_latex_table(Outline *o, const Grid *g) {
  put(o, "\\begin{center}\n\\begin{tabular}{");
  for (int k = 0; k < g->columns; k++)
    if (g->width[k]) put(o, "l");
  put(o, "}\n\\hline\n");
  put_row(o, g, 0, "", " & ", " \\\\\n\\hline\n");
  for (size_t i = 1; i <= g->rows; i++) put_row(o, g, i, "", " & ", " \\\\\n");
  put(o, "\\hline\n\\end{tabular}\n\\end{center}\n");
}

void outline_table(Outline *o, const char *const *cells, size_t rows, int columns) {
  Grid g = {.cells = cells, .rows = rows, .columns = columns};
  if (!rows) return;
  measure(&g, o->as != OUTLINE_TEXT);
  part(o);
  if (o->as == OUTLINE_LATEX) {
    put_latex_table(o, &g);
    return;
  }
  bool markdown = o->as == OUTLINE_MARKDOWN;
  const char *open = markdown ? "| " : "  ", *between = markdown ? " | " : "  ";
  if (markdown) put_row(o, &g, 0, open, between, " |\n|");
  for (int k = 0; markdown && k < columns; k++)
    if (g.width[k]) put(o, " --- |");
  if (markdown) put(o, "\n");
  for (size_t i = 1; i <= rows; i++) put_row(o, &g, i, open, between, markdown ? " |\n" : "\n");
}
