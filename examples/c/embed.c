/* embed.c: a host program of libdyn. It loads a model from a string, runs it for several values of
   a parameter while showing how far each run is, and reads what came out: an array, the claims, a
   figure. README.md says how to build it. */
#include <dyn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char model[] =
    "dyn 1\n"
    "## Current into the fibre.\n"
    "param I = 0.8 in [0, 2]\n"
    "network fibre(I = I) {\n"
    "  state v = -1, w = 0\n"
    "  dv/dt = v - v^3 / 3 - w + I\n"
    "  dw/dt = 0.08 * (v + 0.7 - 0.8 * w)\n"
    "}\n"
    "let run = simulate(fibre, for = 400, every = 0.5)\n"
    "let spikes = sum(run.v[1:] > 1 and run.v[:-1] <= 1)\n"
    "plot(run.t, run.v, title = \"membrane\", x = \"time\", y = \"v\")\n"
    "expect abs(run.v) < 3 \"it stays bounded\"\n";

/* What the callbacks are given as `ctx`. */
typedef struct Host {
  const char *current; /* the value that is being run */
  int reports;         /* of progress */
} Host;

static void on_diagnostic(void *ctx, const char *text) {
  const Host *host = ctx;
  fprintf(stderr, "I = %s: %s", host->current, text);
}

static void on_progress(void *ctx, const char *what, double done, const char *detail) {
  Host *host = ctx;
  host->reports++;
  fprintf(stderr, "\rI = %s: %s %s, %3.0f %%", host->current, what, detail ? detail : "",
          100 * done);
}

/* A loop of one's own: mean of an array that the library holds. */
static double mean(const DynArray *x) {
  int64_t n = 1;
  for (int i = 0; i < x->rank; i++) n *= x->shape[i];
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x->data[i];
  return n ? sum / (double)n : 0;
}

/* Everything read here lives until the next run. */
static void show_results(Dyn *d, const char *current) {
  DynArray v;
  if (dyn_read(d, "run.v", &v))
    printf("I = %s: %lld values, mean %.3f\n", current, (long long)v.shape[0], mean(&v));
  DynClaim claim;
  for (size_t i = 0; dyn_claim(d, i, &claim); i++)
    printf("  %s: %s\n", claim.held ? "holds" : "FAILED", claim.text);
}

static bool write_figure(Dyn *d, const char *path) {
  const char *svg = dyn_figure_svg(d, 0);
  FILE *f = svg ? fopen(path, "w") : NULL;
  if (!f) return false;
  bool ok = fputs(svg, f) >= 0;
  return fclose(f) == 0 && ok;
}

static DynStatus run_with(Dyn *d, Host *host, const char *current) {
  host->current = current;
  dyn_set_param(d, "I", current);
  DynStatus status = dyn_run(d);
  fputs("\r\033[K", stderr);
  if (status == DYN_OK || status == DYN_CLAIM_FAILED)
    show_results(d, current);
  else
    printf("I = %s: status %d\n", current, status);
  return status;
}

int main(void) {
  static const char *const currents[] = {"0", "0.8", "lots"}; /* the last one is a mistake */
  Host host = {.current = ""};
  Dyn *d = dyn_new();
  dyn_set_callbacks(
      d, &(DynCallbacks){.diagnostic = on_diagnostic, .progress = on_progress, .ctx = &host});
  DynStatus status = dyn_load_text(d, "fibre.dyn", model, strlen(model));
  for (int i = 0; status == DYN_OK && i < 3; i++) {
    DynStatus ran = run_with(d, &host, currents[i]);
    if (i == 1 && ran == DYN_OK && write_figure(d, "fibre.svg"))
      puts("  the figure is in fibre.svg");
  }
  dyn_free(d);
  return status == DYN_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
