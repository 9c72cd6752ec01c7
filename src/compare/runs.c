/* runs.c: see runs.h. What differs in a single bit is different here. */
#include "compare/runs.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "lang/save.h"

/* ---- numbers --------------------------------------------------------------------------------- */

/* The largest difference relative to the largest number of the first; infinite where one is finite
   and the other is not. */
static double relative_difference(const double *x, const double *y, int64_t n) {
  double most = 0, scale = 0;
  for (int64_t i = 0; i < n; i++) {
    if (isfinite(x[i])) scale = fmax(scale, fabs(x[i]));
    if (x[i] == y[i] || (isnan(x[i]) && isnan(y[i]))) continue;
    most = fmax(most, isfinite(x[i] - y[i]) ? fabs(x[i] - y[i]) : INFINITY);
  }
  return most > 0 ? most / (scale > 0 ? scale : 1) : 0;
}

static void add_difference(Compared *x, const double *first, int64_t n, const double *second,
                           int64_t m) {
  if (!first || !second || n != m) return;
  x->difference = relative_difference(first, second, n);
  if (isinf(x->difference)) x->note = "finite in one alone";
}

static void compare_numbers(const RunFolder *first, const RunFolder *second, Compared *x) {
  Arena *scratch = arena_new();
  int64_t n = 0, m = 0;
  hid_t f = H5Fopen(first->results, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t g = H5Fopen(second->results, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (f >= 0 && g >= 0) {
    const double *a = quantity_numbers(scratch, f, x->name, &n);
    const double *b = quantity_numbers(scratch, g, x->name, &m);
    add_difference(x, a, n, b, m);
  }
  if (f >= 0) H5Fclose(f);
  if (g >= 0) H5Fclose(g);
  arena_free(scratch);
}

static const char **texts_of(Arena *a, const RunFolder *f, const char *name, size_t *n) {
  *n = 0;
  hid_t file = H5Fopen(f->results, H5F_ACC_RDONLY, H5P_DEFAULT);
  const char **texts = file >= 0 ? quantity_texts(a, file, name, n) : NULL;
  if (file >= 0) H5Fclose(file);
  return texts;
}

/* The first string of a list that differs, with its index; or the one string that there is. */
static void compare_texts(Arena *a, const RunFolder *first, const RunFolder *second, Compared *x) {
  size_t np, nq, i = 0;
  const char **p = texts_of(a, first, x->name, &np), **q = texts_of(a, second, x->name, &nq);
  while (i + 1 < np && i + 1 < nq && strcmp(p[i], q[i]) == 0) i++;
  if (i >= np || i >= nq) return;
  const char *place = np > 1 ? arena_printf(a, "[%zu] ", i) : "";
  x->first = arena_printf(a, "%s%s", place, p[i]);
  x->second = arena_printf(a, "%s%s", place, q[i]);
}

/* ---- results --------------------------------------------------------------------------------- */

static const char *form_of(Arena *a, const Quantity *q) {
  return arena_printf(a, "%s%s%s", q->shape, *q->unit ? " in " : "", q->unit);
}

static void compare_quantity(const RunFolder *first, const RunFolder *second, const Quantity *p,
                             const Quantity *q, Comparison *c) {
  bool same_form =
      p->kind == q->kind && strcmp(p->shape, q->shape) == 0 && strcmp(p->unit, q->unit) == 0;
  bool same = same_form && strcmp(p->sha256, q->sha256) == 0;
  Compared *x = comparison_add(c, "result", p->name, same ? VERDICT_SAME : VERDICT_OTHER);
  if (same) return;
  if (!same_form) {
    x->first = form_of(c->arena, p);
    x->second = form_of(c->arena, q);
  } else if (p->kind == QUANTITY_TEXT) {
    compare_texts(c->arena, first, second, x);
  } else {
    compare_numbers(first, second, x);
  }
}

static void compare_results(const RunFolder *first, const RunFolder *second, Comparison *c) {
  for (size_t i = 0; i < first->quantities.of.n; i++) {
    const Quantity *p = &first->quantities.of.at[i];
    const Quantity *q = quantities_find(&second->quantities, p->name);
    Compared *altered = comparison_find(c, "result", p->name);
    if (altered && q && p->kind != QUANTITY_TEXT && q->kind != QUANTITY_TEXT)
      compare_numbers(first, second, altered);
    if (altered) continue;
    if (q)
      compare_quantity(first, second, p, q, c);
    else
      comparison_add(c, "result", p->name, VERDICT_GONE);
  }
  for (size_t i = 0; i < second->quantities.of.n; i++) {
    const char *name = second->quantities.of.at[i].name;
    if (!quantities_find(&first->quantities, name) && !comparison_find(c, "result", name))
      comparison_add(c, "result", name, VERDICT_NEW);
  }
}

/* ---- saved files ----------------------------------------------------------------------------- */

static void compare_file(const RunFolder *first, const RunFolder *second, const char *name,
                         Comparison *c) {
  Arena *a = c->arena;
  char *bytes[2];
  size_t size[2];
  const char *path[2] = {path_join(a, first->path, name), path_join(a, second->path, name)}, *why;
  bool there[2];
  for (int i = 0; i < 2; i++) there[i] = file_read(a, path[i], &bytes[i], &size[i], &why);
  if (!there[0] || !there[1]) {
    comparison_add(c, "file", name, there[0] ? VERDICT_GONE : VERDICT_NEW);
    return;
  }
  bool same = size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0;
  if (save_is_npz(name)) same = npz_same(a, bytes, size);
  Compared *x = comparison_add(c, "file", name, same ? VERDICT_SAME : VERDICT_OTHER);
  int64_t n = 0, m = 0;
  if (same) return;
  const double *numbers = file_numbers(a, path[0], &n);
  add_difference(x, numbers, n, file_numbers(a, path[1], &m), m);
}

static void compare_files(const RunFolder *first, const RunFolder *second, Comparison *c) {
  const RunFolder *of[] = {first, second};
  for (int k = 0; k < 2; k++) {
    const Json *files = json_member(of[k]->json, "files");
    for (size_t i = 0; files && i < files->n; i++)
      if (!comparison_find(c, "file", files->at[i].key))
        compare_file(first, second, files->at[i].key, c);
  }
}

/* ---- claims ---------------------------------------------------------------------------------- */

static const char *claim_outcome(const Json *claim) {
  const Json *held = json_member(claim, "held");
  return held && held->number != 0 ? "holds" : "fails";
}

/* The claim with this text, the k-th of those that have it. */
static const Json *find_claim(const Json *claims, const char *text, int k) {
  for (size_t i = 0; claims && i < claims->n; i++) {
    const char *other = json_member_text(&claims->at[i], "claim");
    if (other && strcmp(other, text) == 0 && k-- == 0) return &claims->at[i];
  }
  return NULL;
}

static int times_before(const Json *claims, size_t i, const char *text) {
  int k = 0;
  while (i-- > 0) {
    const char *other = json_member_text(&claims->at[i], "claim");
    k += other && strcmp(other, text) == 0;
  }
  return k;
}

static void compare_claims(const RunFolder *first, const RunFolder *second, Comparison *c) {
  const Json *p = json_member(first->json, "claims"), *q = json_member(second->json, "claims");
  for (size_t i = 0; p && i < p->n; i++) {
    const char *text = json_member_text(&p->at[i], "claim");
    const Json *other = text ? find_claim(q, text, times_before(p, i, text)) : NULL;
    comparison_texts(c, "claim", text ? text : "?", claim_outcome(&p->at[i]),
                     other ? claim_outcome(other) : NULL);
  }
  for (size_t i = 0; q && i < q->n; i++) {
    const char *text = json_member_text(&q->at[i], "claim");
    if (text && !find_claim(p, text, times_before(q, i, text)))
      comparison_texts(c, "claim", text, NULL, claim_outcome(&q->at[i]));
  }
}

void compare_runs(const RunFolder *first, const RunFolder *second, Comparison *c) {
  comparison_texts(c, "outcome", first->origin.model, json_member_text(first->json, "status"),
                   json_member_text(second->json, "status"));
  compare_results(first, second, c);
  compare_files(first, second, c);
  compare_claims(first, second, c);
}
