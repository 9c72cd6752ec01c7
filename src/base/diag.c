/* diag.c: the list of diagnostics, and how one is printed:

     model.dyn:4:12: error: unknown name `tua` [E0201]
       v' = -v/tua
               ^~~
     model.dyn:2:7: note: did you mean `tau`?

   or, for editors, as one JSON object on a line. */
#include "base/diag.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static const DiagInfo infos[] = {
#define DIAG(code, title, text, bad, good) [code] = {#code, title, text, bad, good},
#include "base/diag.def"
#undef DIAG
};

enum { DEFAULT_LIMIT = 20, SHOWN_WIDTH = 96 };

const DiagInfo *diag_info(DiagCode code) {
  assert(code > DIAG_NONE && code < DIAG_COUNT);
  return &infos[code];
}

const DiagInfo *diag_info_by_name(const char *code) {
  for (int i = DIAG_NONE + 1; i < DIAG_COUNT; i++) {
    if (strcmp(infos[i].code, code) == 0) return &infos[i];
  }
  return NULL;
}

/* ---- the list -------------------------------------------------------------------------------- */

void diag_init(DiagList *d, Arena *a) {
  *d = (DiagList){.arena = a};
}

static bool is_at(const Diag *d, Where at) {
  return d->at.src == at.src && d->at.span.start == at.span.start;
}

static Diag *same_diag(const DiagList *d, const Diag *x) {
  for (Diag *y = d->first; y; y = y->next)
    if (is_at(y, x->at) && y->level == x->level && strcmp(y->msg, x->msg) == 0) return y;
  return NULL;
}

bool diag_is_there(const DiagList *d, DiagCode code, Where at) {
  for (const Diag *y = d->first; y; y = y->next)
    if (y->code == code && is_at(y, at)) return true;
  return false;
}

Diag *diag_vadd(DiagList *d, DiagCode code, Where at, const char *fmt, va_list ap) {
  Diag *x = ARENA_NEW(d->arena, Diag);
  x->level = diag_info(code)->code[0] == 'W' ? DIAG_WARNING : DIAG_ERROR;
  x->code = code;
  x->at = at;
  x->in_order = d->in_order;
  x->msg = arena_vprintf(d->arena, fmt, ap);
  Diag *earlier = same_diag(d, x);
  if (earlier) return earlier;
  if (x->level == DIAG_WARNING && diag_is_there(d, code, at)) return x;
  ++*(x->level == DIAG_ERROR ? &d->errors : &d->warnings);
  if (x->level == DIAG_ERROR && d->errors > (d->limit ? d->limit : DEFAULT_LIMIT)) return x;
  *(d->last ? &d->last->next : &d->first) = x;
  d->last = x;
  return x;
}

Diag *diag_add(DiagList *d, DiagCode code, Where at, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  Diag *x = diag_vadd(d, code, at, fmt, ap);
  va_end(ap);
  return x;
}

void diag_note(DiagList *d, Diag *to, Where at, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  Diag *x = ARENA_NEW(d->arena, Diag);
  x->level = DIAG_NOTE;
  x->at = at;
  x->msg = arena_vprintf(d->arena, fmt, ap);
  va_end(ap);
  Diag **end = &to->notes;
  for (; *end; end = &(*end)->next)
    if (is_at(*end, at) && strcmp((*end)->msg, x->msg) == 0) return;
  *end = x;
}

/* ---- text ------------------------------------------------------------------------------------ */

static const char *const level_names[] = {"error", "warning", "note"};
static const char *const level_colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};

static bool continues_char(char c) {
  return ((unsigned char)c & 0xC0) == 0x80;
}

/* The part of a line that is shown: all of it, or a window around the span. */
static Span window_of(const Source *s, Span at) {
  Span w = {at.start, at.start};
  while (w.start > 0 && s->text[w.start - 1] != '\n') w.start--;
  while (w.end < s->len && s->text[w.end] != '\n') w.end++;
  if (w.end > w.start && s->text[w.end - 1] == '\r') w.end--;
  if (w.end - w.start <= SHOWN_WIDTH) return w;
  uint32_t left = at.start - w.start > SHOWN_WIDTH / 2 ? at.start - SHOWN_WIDTH / 2 : w.start;
  while (left > w.start && continues_char(s->text[left])) left--;
  uint32_t right = w.end - left > SHOWN_WIDTH ? left + SHOWN_WIDTH : w.end;
  while (right < w.end && continues_char(s->text[right])) right++;
  return (Span){left, right};
}

/* Control characters and bytes that are no UTF-8 must not reach a terminal. */
static void print_window(FILE *out, const Source *s, Span w) {
  fputs("  ", out);
  for (uint32_t i = w.start; i < w.end;) {
    const char *c = s->text + i;
    size_t n = utf8_length(c);
    bool control = (unsigned char)*c < 0x20 || *c == 0x7f;
    if (n == 0 || i + n > w.end || (control && *c != '\t'))
      n = 1, fputc('?', out);
    else
      fwrite(c, 1, n, out);
    i += (uint32_t)n;
  }
  fputc('\n', out);
}

static void print_caret(FILE *out, const Source *s, Span w, Span at) {
  fputs("  ", out);
  for (uint32_t i = w.start; i < at.start && i < w.end; i++) {
    if (!continues_char(s->text[i])) fputc(s->text[i] == '\t' ? '\t' : ' ', out);
  }
  fputc('^', out);
  for (uint32_t i = at.start + 1; i < at.end && i < w.end; i++) {
    if (!continues_char(s->text[i])) fputc('~', out);
  }
}

static bool same_span(Span a, Span b) {
  return a.start == b.start && a.end == b.end;
}

/* The source line with a caret. `shown` is the place whose line stands above, or NULL: nothing is
   shown again for a note at that place, and only the caret for one in that line. */
static void print_source(FILE *out, Where at, const Where *shown, const char *colour) {
  const Source *s = at.src;
  bool again = shown && shown->src == s;
  if (at.span.start > s->len || (again && same_span(shown->span, at.span))) return;
  Span w = window_of(s, at.span);
  if (!again || !same_span(window_of(s, shown->span), w)) print_window(out, s, w);
  fputs(colour, out);
  print_caret(out, s, w, at.span);
  fprintf(out, "%s\n", *colour ? "\033[0m" : "");
}

static void print_text(FILE *out, const Diag *d, const Where *shown, bool colour) {
  const char *on = colour ? level_colours[d->level] : "", *off = colour ? "\033[0m" : "";
  if (d->at.src) {
    int line, col;
    source_line_col(d->at.src, d->at.span.start, &line, &col);
    fprintf(out, "%s:%d:%d: ", d->at.src->name, line, col);
  }
  fprintf(out, "%s%s:%s %s", on, level_names[d->level], off, d->msg);
  if (d->code) fprintf(out, " [%s]", infos[d->code].code);
  fputc('\n', out);
  if (d->at.src) print_source(out, d->at, shown, on);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void print_json_place(FILE *out, Where at) {
  int line, col;
  fputs(",\"file\":", out);
  json_string(out, at.src->name);
  source_line_col(at.src, at.span.start, &line, &col);
  fprintf(out, ",\"line\":%d,\"column\":%d", line, col);
  source_line_col(at.src, at.span.end, &line, &col);
  fprintf(out, ",\"end_line\":%d,\"end_column\":%d", line, col);
  fprintf(out, ",\"start\":%u,\"end\":%u", at.span.start, at.span.end);
}

static void print_json_open(FILE *out, const Diag *d) {
  fprintf(out, "{\"level\":\"%s\"", level_names[d->level]);
  if (d->code) fprintf(out, ",\"code\":\"%s\"", infos[d->code].code);
  fputs(",\"message\":", out);
  json_string(out, d->msg);
  if (d->at.src) print_json_place(out, d->at);
}

static void print_json(FILE *out, const Diag *d) {
  print_json_open(out, d);
  fputs(",\"notes\":[", out);
  for (const Diag *n = d->notes; n; n = n->next) {
    if (n != d->notes) fputc(',', out);
    print_json_open(out, n);
    fputc('}', out);
  }
  fputs("]}\n", out);
}

/* ---- all of them ----------------------------------------------------------------------------- */

void diag_print(FILE *out, const Diag *d, DiagStyle style) {
  if (style == DIAG_JSON) {
    print_json(out, d);
    return;
  }
  print_text(out, d, NULL, style == DIAG_COLOUR);
  const Where *shown = &d->at;
  for (const Diag *n = d->notes; n; n = n->next) {
    print_text(out, n, shown, style == DIAG_COLOUR);
    if (n->at.src) shown = &n->at;
  }
}

/* A diagnostic with what decides its turn: the order in which its text first appears, its place
   there, and the order in which it was added, or this alone. */
typedef struct Turn {
  const Diag *diag;
  size_t text, place, added;
} Turn;

static int compare_sizes(size_t a, size_t b) {
  return a < b ? -1 : a > b;
}

static int compare_turns(const void *pa, const void *pb) {
  const Turn *a = pa, *b = pb;
  int c = compare_sizes(a->text, b->text);
  if (!c) c = compare_sizes(a->place, b->place);
  return c ? c : compare_sizes(a->added, b->added);
}

static size_t first_with_text(const Turn *turns, size_t n, const Source *src) {
  size_t i = 0;
  while (i < n && turns[i].diag->at.src != src) i++;
  return i;
}

void diag_print_all(FILE *out, const DiagList *d, DiagStyle style) {
  size_t n = 0, kept_errors = 0;
  for (const Diag *x = d->first; x; x = x->next) n++;
  Turn *turns = mem_alloc(n * sizeof *turns);
  n = 0;
  for (const Diag *x = d->first; x; x = x->next, n++) {
    turns[n] = (Turn){x, n, x->at.span.start, n};
    turns[n].text = x->in_order ? n : first_with_text(turns, n, x->at.src);
    kept_errors += x->level == DIAG_ERROR;
  }
  qsort(turns, n, sizeof *turns, compare_turns);
  for (size_t i = 0; i < n; i++) diag_print(out, turns[i].diag, style);
  mem_free(turns);
  size_t more = (size_t)d->errors - kept_errors;
  if (more && style != DIAG_JSON) fprintf(out, "and %zu more error%s\n", more, more > 1 ? "s" : "");
}

/* ---- suggestions ----------------------------------------------------------------------------- */

enum { LONGEST_NAME = 63 };

static int lower(char c) {
  return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int least(int a, int b) {
  return a < b ? a : b;
}

/* The optimal string alignment distance (edits and swaps of neighbours), as in Damerau 1964,
   Commun. ACM 7:171; letters that differ only in case are equal. Both names are short. */
static int edit_distance(const char *a, size_t na, const char *b, size_t nb) {
  int rows[3][LONGEST_NAME + 1];
  for (size_t j = 0; j <= nb; j++) rows[0][j] = (int)j;
  for (size_t i = 1; i <= na; i++) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (size_t j = 1; j <= nb; j++) {
      bool equal = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !equal);
      bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                     lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = least(row[j], above2[j - 2] + 1);
    }
  }
  return rows[na % 3][nb];
}

const char *nearest_name(const char *name, const char *const *names, size_t n) {
  size_t len = strlen(name);
  if (len > LONGEST_NAME) return NULL;
  int most = len <= 1 ? 0 : len <= 2 ? 1 : len <= 6 ? 2 : 3;
  const char *best = NULL;
  for (size_t i = 0; i < n; i++) {
    size_t other = strlen(names[i]);
    if (other > LONGEST_NAME || strcmp(names[i], name) == 0) continue;
    int d = edit_distance(name, len, names[i], other);
    /* What shares less than half of its letters is no misspelling; of short names, one is the
       beginning of the other (`msec`, `ms`), or they differ in one place. */
    if (d > most || (size_t)d * 2 > (len > other ? len : other)) continue;
    /* Of equals the first, but a letter in the wrong place is likelier than one too many. */
    if (best && d == most && (other != len || strlen(best) == len)) continue;
    if (d == 2 && len <= 4 && strncmp(name, names[i], len < other ? len : other) != 0) continue;
    best = names[i];
    most = d;
  }
  return best;
}
