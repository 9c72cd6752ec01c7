/* bench.c: dynrun and hand-written C side by side. Each row runs both programs in turn, A B A B
   ..., and takes the median of the pairs' ratios of CPU time, so that a machine whose speed drifts
   gives the same answer. usage: bench BASE DYNRUN MODELS [ROUNDS [ROW]] */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/child.h"

typedef struct Row {
  const char *name, *work; /* of base, and the model's name */
  double must, aim;        /* ratios; 0: the figure is milliseconds of the process itself */
  bool apart; /* the results tell nothing of agreement: chaos, or other random numbers */
  const char *what;
} Row;

static const Row rows[] = {
    {"S1", "rate200", 1.2, 0.9, false, "rate network, N = 200, rk4"},
    {"S2", "rate1000", 1.08, 0.5, false, "rate network, N = 1000, rk4"},
    {"S3", "adaptive200", 1.25, 1.05, false, "rate network, N = 200, dop853"},
    {"S4", "lorenz", 4, 1.15, true, "Lorenz, rk4, 10 million steps"},
    {"S5", "hh", 3, 1.2, false, "Hodgkin-Huxley, rk4, 2 million steps"},
    {"S5b", "hh1024", 1.6, 1.2, false, "1,024 Hodgkin-Huxley neurons, rk4"},
    {"S6a", "vdp", 3, 1.5, false, "van der Pol, mu = 1000, rodas4"},
    {"S6b", "robertson", 3, 1.5, false, "Robertson's reactions, rodas4"},
    {"S7", "stiff200", 2.5, 1, false, "stiff rate network, N = 200 (CVODE)"},
    {"S8", "ou", 1.5, 0.95, true, "1,000 Ornstein-Uhlenbeck units"},
    {"T1", "rnn128", 0.9, 0.65, false, "RNN by BPTT, N = 128, single"},
    {"T1d", "rnn128d", 0.9, 0.65, false, "RNN by BPTT, N = 128, double"},
    {"T2", "rnn512", 0.9, 0.75, false, "RNN by BPTT, N = 512, single"},
    {"T3", "force1000", 1.4, 1.05, false, "FORCE, N = 1000"},
    {"A1", "points128", 1.6, 1.2, false, "fixed points, N = 128, 1,024 starts"},
    {"A2", "lyapunov100", 1.2, 0.8, false, "Lyapunov spectrum, N = 100"},
    {"A2b", "lyapunov3", 4, 1.2, true, "Lyapunov spectrum of Lorenz"},
    {"E1", "sweep1000", 1.8, 1.2, false, "sweep of 1,000 networks of 50 units"},
    {"E2", "start", 0, 0, false, "process start to result, smallest model"},
};

enum { MAX_ROUNDS = 99, MAX_TEXT = 128 };

static void run_row(const Row *row, char *base, char *dynrun, const char *models, int rounds) {
  char model[4096], theirs[MAX_TEXT], ours[MAX_TEXT], work[64];
  double a[MAX_ROUNDS], b[MAX_ROUNDS], ratio[MAX_ROUNDS];
  snprintf(model, sizeof model, "%s/%s.dyn", models, row->work);
  snprintf(work, sizeof work, "%s", row->work);
  char out[] = "/tmp/dyn-bench.run", quiet[] = "-q", to[] = "-o";
  char *const base_argv[] = {base, work, NULL};
  char *const dyn_argv[] = {dynrun, model, quiet, to, out, NULL};
  for (int i = 0; i < rounds; i++) {
    a[i] = child_run(base_argv, theirs, MAX_TEXT);
    if (a[i] == -CHILD_LACKING) return;
    b[i] = child_run(dyn_argv, ours, MAX_TEXT);
    if (a[i] < 0 || b[i] < 0) fprintf(stderr, "bench: %s failed\n", row->work), exit(1);
    ratio[i] = b[i] / fmax(a[i], 1e-4);
  }
  double c = median(a, rounds), d = median(b, rounds), r = median(ratio, rounds);
  double agree = fabs(atof(theirs) - atof(ours)) / fmax(1, fabs(atof(theirs)));
  char same[16] = "apart";
  if (!row->apart) snprintf(same, sizeof same, "%.0e", agree);
  printf("%-4s %-38s %8.1f %8.1f ", row->name, row->what, 1e3 * c, 1e3 * d);
  if (row->must > 0)
    printf("%7.2f   %5.2f %5.2f   %s\n", r, row->must, row->aim, same);
  else
    printf("%7s   15 ms  6 ms   %s\n", "", same);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 4) return fprintf(stderr, "usage: bench BASE DYNRUN MODELS [ROUNDS [ROW]]\n"), 2;
  setenv("OPENBLAS_NUM_THREADS", "1", 1); /* its threads would only wait for each other */
  int rounds = argc > 4 ? atoi(argv[4]) : 5;
  if (rounds < 1 || rounds > MAX_ROUNDS) rounds = 5;
  printf("CPU milliseconds of whole processes, medians of %d pairs; ratio = dynrun / C\n", rounds);
  printf("%-4s %-38s %8s %8s %7s   %5s %5s   %s\n", "", "", "C", "dynrun", "ratio", "must", "aim",
         "difference of results");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (argc < 6 || !strncmp(rows[i].name, argv[5], strlen(argv[5])))
      run_row(&rows[i], argv[1], argv[2], argv[3], rounds);
  return 0;
}
