/* methods.c: what accuracy costs. Each integrator that suits one of the models in bench/methods
   runs it at several tolerances or steps. Writes a table of numbers for work_precision.dyn to OUT,
   and to standard output how long each takes to an error below 1e-5. usage: methods DYNRUN MODELS
   OUT */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/child.h"

typedef struct Problem {
  const char *name, *what;
  bool stiff;
  double atol;      /* over rtol */
  const char *also; /* an explicit method that can do it, too, or "" */
} Problem;

static const Problem problems[] = {
    {"smooth", "50 units, not stiff", false, 0.1, ""},
    {"vdp", "van der Pol, mu = 1000", true, 1e-2, "dopri5"},
    {"stiff", "80 units, stiff", true, 0.1, "dopri5"},
    {"robertson", "Robertson", true, 1e-8, ""},
};

enum { EXPLICIT = 1, IMPLICIT = 2 };

typedef struct Method {
  const char *name;
  int kind;
  int stages; /* evaluations of a fixed step; 0: adaptive */
} Method;

static const Method methods[] = {
    {"euler", EXPLICIT, 1},  {"heun", EXPLICIT, 2},
    {"rk4", EXPLICIT, 4},    {"bs23", EXPLICIT, 0},
    {"dopri5", EXPLICIT, 0}, {"dop853", EXPLICIT, 0},
    {"rkf45", EXPLICIT, 0},  {"rkck", EXPLICIT, 0},
    {"rk8pd", EXPLICIT, 0},  {"msadams", EXPLICIT, 0},
    {"rodas4", IMPLICIT, 0}, {"bdf", IMPLICIT, 0},
    {"msbdf", IMPLICIT, 0},  {"bsimp", IMPLICIT, 0},
    {"rk4imp", IMPLICIT, 0}, {"auto", EXPLICIT | IMPLICIT, 0},
};

enum {
  PROBLEMS = sizeof problems / sizeof *problems,
  METHODS = sizeof methods / sizeof *methods,
  SETTINGS = 8,
  ROUNDS = 2,
  MOST_RUNS = 100,
  PATH = 4096,
  PATIENCE = 10, /* seconds */
};
static const double enough_time = 0.03, too_long = 0.5, target = 1e-5;

typedef struct Work {
  double seconds, error; /* of one run; seconds below 0: it failed */
  long evaluations, jacobians;
} Work;

typedef struct Bench {
  char *dynrun;
  const char *models;
  char folder[64], model[128], run[128], json[160]; /* where it works */
} Bench;

/* ---- one setting ---- */

static double setting_of(const Method *m, int k) {
  return m->stages ? 0.1 * pow(2, -k) : pow(10, -3 - k);
}

static void put_call(FILE *out, const Problem *p, const Method *m, double setting) {
  fprintf(out, "simulate(problem, for = length, every = length, record = [], ");
  if (m->stages)
    fprintf(out, "method = %s, dt = %.17g).final", m->name, setting);
  else
    fprintf(out, "method = %s(rtol = %.17g, atol = %.17g)).final", m->name, setting,
            p->atol * setting);
}

/* The problem's model, and `runs` runs of it. */
static void write_model(const Bench *b, const Problem *p, const Method *m, double setting,
                        int runs) {
  char path[PATH];
  snprintf(path, sizeof path, "%s/%s.dyn", b->models, p->name);
  FILE *in = fopen(path, "r"), *out = fopen(b->model, "w");
  if (!in || !out) perror(in ? b->model : path), exit(1);
  for (int c; (c = getc(in)) != EOF;) putc(c, out);
  fclose(in);
  if (runs > 0) {
    fprintf(out, "let end = ");
    put_call(out, p, m, setting);
    fprintf(out, "\nprint(1e12 * miss(end))\n");
  }
  if (runs > 1) {
    fprintf(out, "let others = [");
    put_call(out, p, m, setting);
    fprintf(out, " for k < %d]\n", runs - 1);
  }
  fclose(out);
}

/* The least of some rounds: what else the machine does only adds. */
static double least_time(const Bench *b, char *text, int size) {
  char quiet[] = "-q", to[] = "-o", model[128], run[128];
  strcpy(model, b->model), strcpy(run, b->run);
  char *const argv[] = {b->dynrun, model, quiet, to, run, NULL};
  double least = INFINITY;
  for (int i = 0; i < ROUNDS; i++) {
    double t = child_run(argv, text, size);
    if (t < 0) return t;
    if (t < least) least = t;
  }
  return least;
}

/* The number before a word in run.json's text of the first solver; 0: there is none. */
static long count_of(const Bench *b, const char *word) {
  char line[512];
  FILE *in = fopen(b->json, "r");
  long count = 0;
  while (in && fgets(line, sizeof line, in)) {
    char *at = strstr(line, "\"solver\": \""), *end = at ? strstr(at, word) : NULL;
    if (!at) continue;
    while (end && end > at && end[-1] != ',') end--;
    if (end) count = atol(end);
    break;
  }
  if (in) fclose(in);
  return count;
}

static Work measure(const Bench *b, const Problem *p, const Method *m, double setting,
                    double idle) {
  char text[64];
  Work w = {.seconds = -1};
  write_model(b, p, m, setting, 1);
  double once = least_time(b, text, sizeof text);
  if (once < 0) return w;
  once = fmax(once - idle, 1e-5);
  int runs = once < enough_time ? (int)fmin(ceil(enough_time / once), MOST_RUNS) : 1;
  write_model(b, p, m, setting, runs);
  w.seconds = fmax(least_time(b, text, sizeof text) - idle, 1e-6) / runs;
  w.error = 1e-12 * atof(text);
  w.evaluations = m->stages ? m->stages * count_of(b, " steps of") : count_of(b, " evaluations");
  w.jacobians = count_of(b, " Jacobians");
  return w;
}

/* ---- all ---- */

static bool suits(const Problem *p, const Method *m) {
  return strcmp(p->also, m->name) == 0 || !p->stiff || m->kind & IMPLICIT;
}

/* Rows for the figure; the cheapest one below the target. */
static Work sweep(const Bench *b, int p, int m, FILE *out) {
  Work best = {.seconds = -1};
  write_model(b, &problems[p], &methods[m], 0, 0);
  char text[64];
  double idle = least_time(b, text, sizeof text);
  for (int k = 0; k < SETTINGS; k++) {
    double setting = setting_of(&methods[m], k);
    Work w = measure(b, &problems[p], &methods[m], setting, idle);
    if (w.seconds < 0) break;
    if (!(w.error < 1)) continue;
    fprintf(out, "%d,%d,%g,%.4g,%ld,%ld,%.4g\n", p, m, setting, w.seconds, w.evaluations,
            w.jacobians, w.error);
    fflush(out);
    if (w.error < target && (best.seconds < 0 || w.seconds < best.seconds)) best = w;
    if (w.error < target && w.seconds > too_long) break;
  }
  return best;
}

static void put_cell(const Work *w) {
  if (w->seconds < 0) {
    printf(" | not reached");
    return;
  }
  double ms = 1e3 * w->seconds;
  printf(" | %.*f ms, %ld", ms < 1 ? 2 : ms < 10 ? 1 : 0, ms, w->evaluations);
  if (w->jacobians) printf(" + %ld", w->jacobians);
}

static void put_row(const Bench *b, int m, FILE *out) {
  printf("| `%s`", methods[m].name);
  for (int p = 0; p < PROBLEMS; p++) {
    Work w = {0};
    if (suits(&problems[p], &methods[m]))
      w = sweep(b, p, m, out), put_cell(&w);
    else
      printf(" | ");
  }
  printf(" |\n");
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: methods DYNRUN MODELS OUT\n"), 2;
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  setrlimit(RLIMIT_CPU, &(struct rlimit){PATIENCE, PATIENCE}); /* of each run */
  Bench b = {.dynrun = argv[1], .models = argv[2], .folder = "/tmp/dyn-methods-XXXXXX"};
  FILE *out = fopen(argv[3], "w");
  if (!mkdtemp(b.folder) || !out) perror(argv[3]), exit(1);
  snprintf(b.model, sizeof b.model, "%s/model.dyn", b.folder);
  snprintf(b.run, sizeof b.run, "%s/model.run", b.folder);
  snprintf(b.json, sizeof b.json, "%s/run.json", b.run);
  fprintf(out, "problem,method,setting,seconds,evaluations,jacobians,error\n");
  printf("| method");
  for (int p = 0; p < PROBLEMS; p++) printf(" | %s", problems[p].what);
  printf(" |\n|---");
  for (int p = 0; p < PROBLEMS; p++) printf("|---");
  printf("|\n");
  for (int m = 0; m < METHODS; m++) put_row(&b, m, out);
  return fclose(out) != 0;
}
