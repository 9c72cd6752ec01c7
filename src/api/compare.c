/* compare.c: two runs or two models against each other, and how a comparison came out. */
#include <math.h>
#include <string.h>

#include "api/api.h"
#include "compare/models.h"
#include "compare/runs.h"

static bool is_model(const char *path) {
  size_t n = strlen(path);
  return n > 4 && strcmp(path + n - 4, ".dyn") == 0;
}

static DynStatus refuse(Dyn *d, const char *why) {
  diag_add(&d->diag, E0714, (Where){0}, "%s", why);
  api_show_diagnostics(d);
  return DYN_IO;
}

/* The models are those of results, if these agree or not: their texts are at hand. */
static DynStatus diff_runs(Dyn *d, const char *first, const char *second) {
  RunFolder f, g;
  const char *why;
  if (!run_folder_read(d->work, first, &f, &why)) return refuse(d, why);
  if (!run_folder_read(d->work, second, &g, &why)) return refuse(d, why);
  compare_origins(&f.origin, &g.origin, &d->comparison);
  run_folder_altered(&f, &d->comparison);
  run_folder_altered(&g, &d->comparison);
  compare_runs(&f, &g, &d->comparison);
  return DYN_OK;
}

/* A model with what it imports as one text. */
static DynStatus flat_model(Dyn *d, const char *path, const char **text) {
  Dyn *one = dyn_new();
  one->on = d->on;
  DynStatus status = dyn_load_file(one, path);
  if (status == DYN_OK) status = dyn_check(one);
  const char *flat = status == DYN_OK ? dyn_flatten(one) : NULL;
  if (status == DYN_OK && !flat) status = DYN_MODEL_ERROR;
  if (flat) *text = arena_strdup(d->work, flat);
  dyn_free(one);
  return status;
}

static DynStatus diff_models(Dyn *d, const char *first, const char *second) {
  const char *a, *b;
  DynStatus status = flat_model(d, first, &a);
  if (status == DYN_OK) status = flat_model(d, second, &b);
  if (status == DYN_OK) compare_models(a, b, &d->comparison);
  return status;
}

DynStatus dyn_diff(Dyn *d, const char *first, const char *second) {
  api_begin(d);
  if (is_model(first) != is_model(second))
    return refuse(d,
                  arena_printf(d->work,
                               "`%s` is a model, and `%s` is not: two of a kind can be "
                               "compared",
                               is_model(first) ? first : second, is_model(first) ? second : first));
  DynStatus status = is_model(first) ? diff_models(d, first, second) : diff_runs(d, first, second);
  if (status != DYN_OK) return status;
  return comparison_agrees(&d->comparison) ? DYN_OK : DYN_DIFFERENT;
}

/* ---- how it came out ------------------------------------------------------------------------- */

bool dyn_compared(const Dyn *d, size_t i, DynCompared *out) {
  if (i >= d->comparison.of.n) return false;
  const Compared *x = &d->comparison.of.at[i];
  *out = (DynCompared){.what = x->what,
                       .name = x->name,
                       .verdict = verdict_word(x->verdict),
                       .agrees = x->verdict < VERDICT_OTHER,
                       .first = x->first ? x->first : "",
                       .second = x->second ? x->second : "",
                       .difference = x->difference,
                       .tolerance = x->tolerance,
                       .note = x->note ? x->note : ""};
  return true;
}

const char *dyn_comparison(Dyn *d, bool all, bool json) {
  return json ? comparison_json(&d->comparison) : comparison_table(&d->comparison, all);
}
