/* fuzz.c: mutates texts and feeds them to dynrun's front: `fuzz SECONDS SEED FILE...`. A text is
   loaded, laid out and checked as a model, or read as the text of a graph. Nothing may crash, hang,
   leak (with SAN=1), or end well with an error. Texts come from models and from test cases, whose
   sections are texts of their own. Batches run in children; what stops one is written to fuzz-N.dyn
   and its seed is shown, with which it can be made again. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "dyn.h"
#include "fuzz/mutate.h"
#include "graph/graph.h"

enum { BATCH = 100, LONGEST = 1 << 16, HANGS_AFTER = 20 };

/* What a child tells its parent, even when it dies. */
typedef struct Shared {
  uint64_t seed;
  size_t len;
  char text[LONGEST];
  char complaint[256];
} Shared;

static Shared *shared;

static void complain(const char *what) {
  snprintf(shared->complaint, sizeof shared->complaint, "%s", what);
  _exit(1);
}

/* ---- targets ---- */

static void count_errors(void *ctx, const char *text) {
  *(int *)ctx += strstr(text, "\"level\":\"error\"") != NULL;
}

/* An error without a bad status, or a bad status without a word, would both mislead. */
static void expect_agreement(DynStatus status, int errors, const char *what) {
  if ((status == DYN_OK) == (errors == 0)) return;
  char text[128];
  snprintf(text, sizeof text, "%s ends with %d after %d errors", what, (int)status, errors);
  complain(text);
}

static void try_model(const char *text, size_t n) {
  int errors = 0;
  Dyn *d = dyn_new();
  dyn_set_callbacks(
      d, &(DynCallbacks){.diagnostic = count_errors, .style = DYN_STYLE_JSON, .ctx = &errors});
  DynStatus status = dyn_load_text(d, "fuzz.dyn", text, n);
  expect_agreement(status, errors, "load");
  if (status == DYN_OK) {
    if (!dyn_format(d)) complain("what parses cannot be laid out");
    status = dyn_check(d);
    expect_agreement(status, errors, "check");
  }
  dyn_free(d);
}

static void try_graph(const char *text, size_t n) {
  Arena *a = arena_new();
  DiagList d;
  diag_init(&d, a);
  GraphFn *f = graph_read(a, source_make(a, "fuzz", text, n), &d);
  if (!f && d.errors == 0) complain("a graph is refused without a word");
  if (f && d.errors == 0 && !graph_verify(a, f)) {
    const char *once = graph_print(a, f);
    GraphFn *g = graph_read(a, source_make(a, "again", once, strlen(once)), &d);
    if (!g || strcmp(graph_print(a, g), once) != 0) complain("a graph reads back otherwise");
  }
  arena_free(a);
}

/* ---- children ---- */

/* One text from a seed: told to the parent first, then tried. */
static void try_seed(Corpus *c, uint64_t seed) {
  static char text[LONGEST];
  shared->seed = seed;
  shared->len = mutate(c, seed, text, LONGEST);
  memcpy(shared->text, text, shared->len);
  alarm(HANGS_AFTER);
  (text[0] == '%' ? try_graph : try_model)(text, shared->len);
}

static int run_batch(Corpus *c, uint64_t from) {
  shared->complaint[0] = '\0';
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    for (uint64_t k = 0; k < BATCH; k++) try_seed(c, from + k);
    exit(0); /* the leak checker looks at what is left */
  }
  int end = 0;
  waitpid(child, &end, 0);
  return end;
}

static void keep(int number, int end) {
  char name[32];
  snprintf(name, sizeof name, "fuzz-%d.dyn", number);
  FILE *f = fopen(name, "wb");
  if (f) {
    fwrite(shared->text, 1, shared->len, f);
    fclose(f);
  }
  const char *how = WIFSIGNALED(end) ? strsignal(WTERMSIG(end)) : "ended";
  printf("seed %llu: %s %s; see %s\n", (unsigned long long)shared->seed, how, shared->complaint,
         name);
}

/* ---- texts ---- */

/* Adds a text, or each section of a file of test cases. */
static void add_sections(Corpus *c, Arena *a, const char *text, bool cases) {
  if (!cases) {
    corpus_add(c, a, text, strlen(text));
    return;
  }
  for (const char *p = text; *p;) {
    const char *from = p + strcspn(p, "\n"), *to = from;
    while (*to && strncmp(to, "\n===", 4) != 0 && strncmp(to, "\n---", 4) != 0) to++;
    if (to > from + 1) corpus_add(c, a, from + 1, (size_t)(to - from - 1));
    p = *to ? to + 1 : to;
  }
}

static void add_file(Corpus *c, Arena *a, const char *path) {
  char *text;
  size_t n;
  const char *why;
  if (!file_read(a, path, &text, &n, &why))
    printf("%s\n", why);
  else
    add_sections(c, a, text, strstr(path, ".test") != NULL);
}

/* Of the texts; here, where the leak checker of a child sees that it is still in use. */
static Arena *arena;

int main(int argc, char **argv) {
  if (argc < 4) {
    fputs("usage: fuzz SECONDS SEED FILE...\n", stderr);
    return 2;
  }
  arena = arena_new();
  Corpus c = {0};
  for (int i = 3; i < argc; i++) add_file(&c, arena, argv[i]);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  time_t until = time(NULL) + atoi(argv[1]);
  uint64_t seed = strtoull(argv[2], NULL, 10), first = seed;
  int failed = 0;
  for (; time(NULL) < until; seed += BATCH) {
    int end = run_batch(&c, seed);
    if (end != 0) keep(failed++, end);
  }
  arena_free(arena);
  printf("fuzz: %llu texts, %d failed\n", (unsigned long long)(seed - first), failed);
  return failed != 0;
}
