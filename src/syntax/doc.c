/* doc.c: see doc.h. Comments are found in the raw tokens, declarations in the tree, and both are
   matched by their places in the text. */
#include "syntax/doc.h"

#include <stdlib.h>
#include <string.h>

#include "dyn.tab.h"

typedef struct Doc {
  const char *text;
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

static const char *doc_text(Parser *p, const Token *t) {
  const char *s = p->src->text + t->span.start + 2, *end = p->src->text + t->span.end;
  if (s < end && *s == ' ') s++;
  while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
  return arena_strndup(p->arena, s, (size_t)(end - s));
}

static bool is_newline(const Parser *p, const Token *t) {
  return t->kind == TOK_SEP && p->src->text[t->span.start] == '\n';
}

/* Adds the comment at t, or joins it to the lines before it. */
static void add_doc(Parser *p, Docs *docs, const Token *t, uint32_t line_start, bool trailing) {
  const char *text = doc_text(p, t);
  Doc *last = docs->n ? &docs->at[docs->n - 1] : NULL;
  bool joins = last && !trailing && !last->trailing && last->end + 1 == line_start;
  if (joins) {
    last->text = arena_printf(p->arena, "%s\n%s", last->text, text);
    last->end = t->span.end;
    return;
  }
  *vec_push(p->arena, docs) = (Doc){.text = text,
                                    .trailing = trailing,
                                    .line_start = line_start,
                                    .next = UINT32_MAX,
                                    .end = t->span.end};
}

static Docs find_docs(Parser *p) {
  Docs docs = {0};
  uint32_t line_start = 0;
  bool used = false, empty = true; /* the line so far: has tokens; has nothing at all */
  size_t open = 0;                 /* docs before this one know what follows */
  for (size_t i = 0; i < p->raw.n; i++) {
    const Token *t = &p->raw.at[i];
    if (is_newline(p, t)) {
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
static int compare_nodes(const void *pa, const void *pb) {
  const Ast *a = *(Ast *const *)pa, *b = *(Ast *const *)pb;
  if (a->span.start != b->span.start) return a->span.start < b->span.start ? -1 : 1;
  if (a->span.end != b->span.end) return a->span.end > b->span.end ? -1 : 1;
  return (a->kind < b->kind) - (a->kind > b->kind);
}

/* The index of the first node that starts at `offset` or behind it. */
static size_t first_from(const Nodes *nodes, uint32_t offset) {
  size_t lo = 0, hi = nodes->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (nodes->at[mid]->span.start < offset) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/* ---- matching -------------------------------------------------------------------------------- */

static Ast *declaration_behind(const Nodes *nodes, const Doc *d) {
  size_t i = first_from(nodes, d->next);
  return i < nodes->n && nodes->at[i]->span.start == d->next ? nodes->at[i] : NULL;
}

/* The last statement that starts on the comment's line, or else the last part of one, or else the
   innermost declaration that ends there. */
static Ast *declaration_beside(const Nodes *nodes, const Doc *d) {
  size_t end = first_from(nodes, d->end), start = first_from(nodes, d->line_start);
  for (size_t i = end; i > start; i--) {
    if (!is_part(nodes->at[i - 1])) return nodes->at[i - 1];
  }
  if (end > start) return nodes->at[end - 1];
  for (size_t i = start; i > 0; i--) {
    Span s = nodes->at[i - 1]->span;
    if (s.end > d->line_start && s.end < d->end) return nodes->at[i - 1];
  }
  return NULL;
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

void doc_attach(Parser *p, Ast *file) {
  Docs docs = find_docs(p);
  if (!docs.n) return;
  Nodes nodes = {0};
  collect(p, file, &nodes);
  if (nodes.n) qsort(nodes.at, nodes.n, sizeof *nodes.at, compare_nodes);
  uint32_t first = file->nkids ? file->kids[0]->span.start : UINT32_MAX;
  for (size_t i = 0; i < docs.n; i++) {
    const Doc *d = &docs.at[i];
    bool of_file = !file->doc && !d->trailing && d->apart && d->end <= first;
    Ast *x = of_file       ? file
             : d->trailing ? declaration_beside(&nodes, d)
                           : declaration_behind(&nodes, d);
    if (x) give_doc(p, x, d->text);
  }
  share_docs(&nodes);
}
