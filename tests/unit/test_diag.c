/* test_diag.c: the examples of `dynrun explain`. Each bad one gives the diagnostic that it stands
   for and nothing else; each good one passes. */
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "check.h"
#include "dyn.h"
#include "graph/graph.h"

/* Examples that only sketch a text, because it is very long or no text, and commands: models of
   tests/broken stand for them. */
static bool is_sketch(const DiagInfo *info) {
  static const char *const sketches[] = {"E0135", "E0136", "E0137", "E0138", "E0146"};
  for (size_t i = 0; i < sizeof sketches / sizeof *sketches; i++)
    if (strcmp(info->code, sketches[i]) == 0) return true;
  return strncmp(info->bad, "dynrun ", 7) == 0;
}

/* What was said about an example: how much, and how much of it with one code. */
typedef struct Said {
  const char *code;
  int all, of_code;
  char text[4096];
} Said;

static void on_diagnostic(void *ctx, const char *text) {
  Said *s = ctx;
  const char *found = strstr(text, "\"code\":\"");
  strncat(s->text, text, sizeof s->text - strlen(s->text) - 1);
  s->all++;
  s->of_code += found && strncmp(found + 8, s->code, strlen(s->code)) == 0;
}

/* The names in examples of grammar mean nothing, so these are parsed only. */
static bool try_model(const char *text, Said *s) {
  Dyn *d = dyn_new();
  dyn_set_callbacks(
      d, &(DynCallbacks){.diagnostic = on_diagnostic, .style = DYN_STYLE_JSON, .ctx = s});
  dyn_set_output(d, "example.run");
  DynStatus status = dyn_load_text(d, "example.dyn", text, strlen(text));
  if (status == DYN_OK && strncmp(s->code, "E01", 3) != 0) status = dyn_run(d);
  dyn_free(d);
  return status == DYN_OK;
}

static bool try_graph(const char *text, Said *s) {
  Arena *a = arena_new();
  DiagList d;
  diag_init(&d, a);
  graph_read(a, source_make(a, "example", text, strlen(text)), &d);
  for (const Diag *x = d.first; x; x = x->next) {
    s->all++;
    s->of_code += strcmp(diag_info(x->code)->code, s->code) == 0;
  }
  bool ok = d.errors == 0;
  arena_free(a);
  return ok;
}

static void test_example(const DiagInfo *info, bool (*attempt)(const char *, Said *)) {
  bool warning = info->code[0] == 'W';
  Said s = {.code = info->code};
  bool ok = attempt(info->bad, &s);
  CHECK(s.of_code > 0 && s.all == s.of_code, "%s: the bad example gives\n%s", info->code, s.text);
  CHECK(ok == warning, "%s: the bad example ends otherwise", info->code);
  s = (Said){.code = info->code};
  ok = attempt(info->good, &s);
  CHECK(ok && s.all == 0, "%s: the good example gives\n%s", info->code, s.text);
}

/* ---- the files that examples load ---- */

static void put(Arena *a, const char *name, const void *data, size_t n) {
  const char *why;
  CHECK(file_write(a, name, data, n, &why), "%s", why);
}

static void put_text(Arena *a, const char *name, const char *text) {
  put(a, name, text, strlen(text));
}

/* Two numbers of a type, as format 1.0 of NumPy's .npy has them; `kept` bytes of their 16. */
static void put_npy(Arena *a, const char *name, const char *type, size_t kept) {
  enum { HEAD = 128, MAGIC = 10 };
  char bytes[HEAD + 16] = "\x93NUMPY\x01";
  memset(bytes + MAGIC, ' ', HEAD - MAGIC);
  bytes[8] = HEAD - MAGIC;
  int n = snprintf(bytes + MAGIC, HEAD - MAGIC,
                   "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", type);
  bytes[MAGIC + n] = ' ';
  bytes[HEAD - 1] = '\n';
  put(a, name, bytes, HEAD + kept);
}

static void put_files(Arena *a) {
  put_text(a, "data.csv", "t,x\n0,1\n1,2\n");
  put_text(a, "even.csv", "t,x\n0,1\n1,2\n");
  put_text(a, "ragged.csv", "t,x\n0,1\n1,2,3\n");
  put_text(a, "data.mat", "MATLAB 5.0");
  put_text(a, "self.dyn", "import \"self.dyn\"\n");
  put_text(a, "common.dyn", "fn f(x) = 2 * x\n");
  put_npy(a, "whole.npy", "<f8", 16);
  put_npy(a, "real.npy", "<f8", 16);
  put_npy(a, "half.npy", "<f8", 8);
  put_npy(a, "complex.npy", "<c8", 16);
}

int main(void) {
  char folder[] = "/tmp/test_diag.XXXXXX";
  Arena *a = arena_new();
  if (!mkdtemp(folder) || chdir(folder) != 0) return perror(folder), 1;
  put_files(a);
  for (int i = DIAG_NONE + 1; i < DIAG_COUNT; i++) {
    const DiagInfo *info = diag_info((DiagCode)i);
    CHECK(*info->title && *info->text, "%s is not explained", info->code);
    if (*info->bad && !is_sketch(info)) test_example(info, i == E0790 ? try_graph : try_model);
  }
  const char *why;
  CHECK(chdir("/") == 0 && folder_remove(a, folder, &why), "%s", why);
  arena_free(a);
  return check_done("diag");
}
