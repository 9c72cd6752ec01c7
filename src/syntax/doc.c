/* doc.c: see doc.h. Comments are found in the raw tokens, declarations in the tree, and both are
   matched by their places in the text. */
#include "syntax/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dyn.tab.h"

typedef struct Doc {
  Text text;
  bool trailing;       /* something stands before it on its line */
  bool apart;          /* an empty line follows */
  uint32_t line_start; /* of its line */
  uint32_t next;       /* where the next token starts */
  uint32_t end;
} Doc;

typedef VEC(Doc) Docs;
typedef VEC(Ast *) Nodes;

/* ---- comments -------------------------------------------------------------------------------- */

static bool is_doc(const Parser *p, const Token *t) {
  const char *s = p->src->text + t->span.start;
  return t->kind == TOK_COMMENT && s[1] == '#' && s[2] != '#';
}

static void add_text(Parser *p, Text *text, const Token *t) {
  const char *s = p->src->text + t->span.start + 2, *end = p->src->text + t->span.end;
  if (s < end && *s == ' ') s++;
  while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
  text_add_n(text, s, (size_t)(end - s));
}

/* Adds the comment at t, or joins it to the lines before it. */
static void add_doc(Parser *p, Docs *docs, const Token *t, uint32_t line_start, bool trailing) {
  Doc *last = docs->n ? &docs->at[docs->n - 1] : NULL;
  bool joins = last && !trailing && !last->trailing && last->end + 1 == line_start;
  if (joins) {
    text_add(&last->text, "\n");
  } else {
    last = vec_push(p->arena, docs);
    *last = (Doc){.text = {.arena = p->arena},
                  .trailing = trailing,
                  .line_start = line_start,
                  .next = UINT32_MAX};
  }
  add_text(p, &last->text, t);
  last->end = t->span.end;
}

static Docs find_docs(Parser *p) {
  Docs docs = {0};
  uint32_t line_start = 0;
  bool used = false, empty = true; /* the line so far: has tokens; has nothing at all */
  size_t open = 0;                 /* docs before this one know what follows */
  for (size_t i = 0; i < p->raw.n; i++) {
    const Token *t = &p->raw.at[i];
    if (parser_is_newline(p, t)) {
      if (empty && docs.n && open < docs.n) docs.at[docs.n - 1].apart = true;
      line_start = t->span.end;
      used = false;
      empty = true;
      continue;
    }
    if (is_doc(p, t)) add_doc(p, &docs, t, line_start, used);
    empty = false;
    if (t->kind == TOK_COMMENT) continue;
    used = true;
    for (; open < docs.n; open++) docs.at[open].next = t->span.start;
  }
  return docs;
}

/* ---- declarations ---------------------------------------------------------------------------- */

static bool is_part(const Ast *x) {
  return x->kind == AST_ITEM || x->kind == AST_UNPACK || x->kind == AST_PARAMETER;
}

static bool takes_doc(const Ast *x) {
  return is_part(x) || (x->kind >= AST_PARAM && x->kind < AST_FILE && x->kind != AST_EXPR);
}

static void collect(Parser *p, Ast *x, Nodes *nodes) {
  if (takes_doc(x)) *vec_push(p->arena, nodes) = x;
  for (uint32_t i = 0; i < x->nkids; i++) {
    if (x->kids[i]) collect(p, x->kids[i], nodes);
  }
}

/* By where they start; what holds another comes before it. */
static int compare_starts(const void *pa, const void *pb) {
  const Ast *a = *(Ast *const *)pa, *b = *(Ast *const *)pb;
  if (a->span.start != b->span.start) return a->span.start < b->span.start ? -1 : 1;
  if (a->span.end != b->span.end) return a->span.end > b->span.end ? -1 : 1;
  return (a->kind < b->kind) - (a->kind > b->kind);
}

/* By where they end; what holds another comes behind it. */
static int compare_ends(const void *pa, const void *pb) {
  const Ast *a = *(Ast *const *)pa, *b = *(Ast *const *)pb;
  if (a->span.end != b->span.end) return a->span.end < b->span.end ? -1 : 1;
  return -compare_starts(pa, pb);
}

static Nodes sorted(Parser *p, const Nodes *nodes, int (*compare)(const void *, const void *)) {
  Nodes copy = {.at = ARENA_ARRAY(p->arena, Ast *, nodes->n), .n = nodes->n, .cap = nodes->n};
  if (!copy.n) return copy;
  memcpy(copy.at, nodes->at, nodes->n * sizeof *nodes->at);
  qsort(copy.at, copy.n, sizeof *copy.at, compare);
  return copy;
}

/* The index of the first node, in order of starts, that starts at `offset` or behind it. */
static size_t first_from(const Nodes *starts, uint32_t offset) {
  size_t lo = 0, hi = starts->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (starts->at[mid]->span.start < offset) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/* The last node, in order of ends, that ends at `offset` or before it; NULL if there is none. */
static Ast *last_until(const Nodes *ends, uint32_t offset) {
  size_t lo = 0, hi = ends->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (ends->at[mid]->span.end <= offset) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo ? ends->at[lo - 1] : NULL;
}

/* ---- matching -------------------------------------------------------------------------------- */

static Ast *declaration_behind(const Nodes *starts, const Doc *d) {
  size_t i = first_from(starts, d->next);
  return i < starts->n && starts->at[i]->span.start == d->next ? starts->at[i] : NULL;
}

/* The last statement that starts on the comment's line, or else the last part of one, or else what
   ends there. */
static Ast *declaration_beside(const Nodes *starts, const Nodes *ends, const Doc *d) {
  size_t end = first_from(starts, d->end), start = first_from(starts, d->line_start);
  for (size_t i = end; i > start; i--) {
    if (!is_part(starts->at[i - 1])) return starts->at[i - 1];
  }
  if (end > start) return starts->at[end - 1];
  Ast *x = last_until(ends, d->end);
  return x && x->span.end > d->line_start ? x : NULL;
}

static void give_doc(Parser *p, Ast *x, const char *text) {
  x->doc = x->doc ? arena_printf(p->arena, "%s\n%s", x->doc, text) : text;
}

static void share_docs(const Nodes *nodes) {
  for (size_t i = 0; i < nodes->n; i++) {
    const Ast *x = nodes->at[i];
    for (uint32_t k = 0; x->doc && k < x->nkids; k++) {
      Ast *part = x->kids[k];
      bool item = part && (part->kind == AST_ITEM || part->kind == AST_UNPACK);
      if (item && !part->doc) part->doc = x->doc;
    }
  }
}

/* Of several blocks before a declaration, the last one is meant. */
static bool is_overruled(const Docs *docs, size_t i) {
  return i + 1 < docs->n && !docs->at[i + 1].trailing && docs->at[i + 1].next == docs->at[i].next;
}

void doc_attach(Parser *p, Ast *file) {
  Docs docs = find_docs(p);
  if (!docs.n) return;
  Nodes nodes = {0};
  collect(p, file, &nodes);
  Nodes starts = sorted(p, &nodes, compare_starts), ends = sorted(p, &nodes, compare_ends);
  uint32_t first = file->nkids ? file->kids[0]->span.start : UINT32_MAX;
  for (size_t i = 0; i < docs.n; i++) {
    const Doc *d = &docs.at[i];
    Ast *x = NULL;
    if (d->trailing) {
      x = declaration_beside(&starts, &ends, d);
    } else if (!file->doc && d->apart && d->end <= first) {
      x = file;
    } else if (!is_overruled(&docs, i)) {
      x = declaration_behind(&starts, d);
    }
    if (x) give_doc(p, x, text_str(&d->text));
  }
  share_docs(&starts);
}
