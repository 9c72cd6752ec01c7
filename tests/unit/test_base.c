/* test_base.c: arenas, vectors, maps, texts, diagnostics, dimensions and files. */
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/dim.h"
#include "base/file.h"
#include "base/map.h"
#include "base/stash.h"
#include "base/text.h"
#include "base/vec.h"
#include "check.h"

static int deferred_calls[4], deferred_n;

static void note_deferred(void *p) {
  deferred_calls[deferred_n++] = *(int *)p;
}

static bool all_zero(const unsigned char *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (p[i]) return false;
  }
  return true;
}

static void test_arena(void) {
  Arena *a = arena_new();
  size_t sizes[] = {0, 1, 15, 16, 17, 1000, 5000, 100000, 3000000, 1};
  for (size_t round = 0; round < 50; round++) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      unsigned char *p = arena_alloc(a, round % 10 && sizes[i] > 10000 ? 3 : sizes[i]);
      size_t n = round % 10 && sizes[i] > 10000 ? 3 : sizes[i];
      CHECK((uintptr_t)p % 16 == 0 && all_zero(p, n), "a block of %zu", n);
      memset(p, 0xff, n);
    }
  }
  static int one = 1, two = 2;
  arena_defer(a, note_deferred, &one);
  arena_defer(a, note_deferred, &two);
  CHECK(strcmp(arena_printf(a, "%d-%s", 7, "x"), "7-x") == 0, "printf");
  CHECK(strcmp(arena_strndup(a, "abcdef", 3), "abc") == 0, "strndup");
  arena_free(a);
  arena_free(NULL);
  CHECK(deferred_n == 2 && deferred_calls[0] == 2 && deferred_calls[1] == 1, "newest first");
  double *m = mem_alloc(100 * sizeof *m);
  CHECK((uintptr_t)m % 64 == 0 && m[99] == 0, "mem_alloc");
  mem_free(m);
  CHECK(mem_fits(1000, 8) && !mem_fits(1e12, 8) && !mem_fits(NAN, 8) && !mem_fits(-1, 8), "sane");
}

static void test_vec_and_map(void) {
  Arena *a = arena_new();
  VEC(int) v = {0};
  for (int i = 0; i < 1000; i++) *vec_push(a, &v) = i * i;
  CHECK(v.n == 1000 && v.at[999] == 999 * 999 && v.at[0] == 0, "vec");
  Map m;
  map_init(&m, a);
  CHECK(!map_get(&m, "absent") && !map_has(&m, ""), "an empty map");
  for (int i = 0; i < 1000; i++) map_set(&m, arena_printf(a, "key%d", i), &v.at[i]);
  map_set(&m, "key5", NULL);
  CHECK(m.n == 1000 && map_has(&m, "key5") && !map_get(&m, "key5"), "replaced by NULL");
  CHECK(map_get(&m, "key77") == &v.at[77] && !map_has(&m, "key1000"), "found");
  CHECK(strcmp(m.items[123].key, "key123") == 0, "in order of insertion");
  CHECK(hash_bytes("a", 1, 0) != hash_bytes("a\0", 2, 0), "the length counts");
  CHECK(hash_mix(1, 2) != hash_mix(2, 1), "order counts");
  arena_free(a);
}

static void test_text(void) {
  Arena *a = arena_new();
  Text t = {.arena = a};
  CHECK(strcmp(text_str(&t), "") == 0, "empty");
  for (int i = 0; i < 100; i++) text_printf(&t, "%d,", i % 10);
  text_add(&t, "end");
  text_add_n(&t, "!?", 1);
  CHECK(t.n == 204 && strncmp(t.at, "0,1,2,", 6) == 0 && strcmp(t.at + 200, "end!") == 0, "%s",
        t.at);
  static const struct {
    const char *text;
    size_t n;
  } cases[] = {{"a", 1},
               {"\xcf\x84", 2},
               {"\xe2\x88\x92", 3},
               {"\xf0\x9f\x98\x80", 4},
               {"\x84", 0},
               {"\xcf", 0},
               {"\xc0\x80", 0},
               {"\xe0\x80\x80", 0},
               {"\xed\xa0\x80", 0},
               {"\xf4\x90\x80\x80", 0},
               {"\xff", 0},
               {"\xe2\x88", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CHECK(utf8_length(cases[i].text) == cases[i].n, "UTF-8 case %zu", i);
  }
  arena_free(a);
}

static char *printed(const DiagList *d, DiagStyle style) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  diag_print_all(f, d, style);
  fclose(f);
  return text;
}

static void check_printed(const DiagList *d, DiagStyle style, const char *want) {
  char *got = printed(d, style);
  CHECK(strcmp(got, want) == 0, "got\n%swant\n%s", got, want);
  free(got);
}

static void test_source_and_diag(void) {
  Arena *a = arena_new();
  const char *text = "let a = 1\n\tlet \xcf\x84 = aa\nend";
  Source *s = source_make(a, "m.dyn", text, strlen(text));
  int line, col;
  source_line_col(s, 19, &line, &col);
  CHECK(line == 2 && col == 9, "%d:%d", line, col);
  source_line_col(s, 9999, &line, &col);
  CHECK(line == 3 && col == 4, "%d:%d", line, col);
  Span j = span_join((Span){3, 5}, (Span){1, 4});
  CHECK(j.start == 1 && j.end == 5, "span_join");

  DiagList d;
  diag_init(&d, a);
  Diag *e = diag_add(&d, E0201, (Where){s, {20, 22}}, "unknown name `%s`", "aa");
  CHECK(diag_add(&d, E0201, (Where){s, {20, 22}}, "unknown name `aa`") == e, "told once");
  diag_note(&d, e, (Where){s, {4, 5}}, "did you mean `a`?");
  diag_note(&d, e, (Where){0}, "no place");
  diag_add(&d, E0101, (Where){s, {0, 3}}, "first \"word\"");
  check_printed(&d, DIAG_PLAIN,
                "m.dyn:1:1: error: first \"word\" [E0101]\n"
                "  let a = 1\n"
                "  ^~~\n"
                "m.dyn:2:10: error: unknown name `aa` [E0201]\n"
                "  \tlet \xcf\x84 = aa\n"
                "  \t        ^~\n"
                "m.dyn:1:5: note: did you mean `a`?\n"
                "  let a = 1\n"
                "      ^\n"
                "note: no place\n");
  check_printed(&d, DIAG_JSON,
                "{\"level\":\"error\",\"code\":\"E0101\",\"message\":\"first \\\"word\\\"\","
                "\"file\":\"m.dyn\",\"line\":1,\"column\":1,\"end_line\":1,\"end_column\":4,"
                "\"start\":0,\"end\":3,\"notes\":[]}\n"
                "{\"level\":\"error\",\"code\":\"E0201\",\"message\":\"unknown name `aa`\","
                "\"file\":\"m.dyn\",\"line\":2,\"column\":10,\"end_line\":2,\"end_column\":12,"
                "\"start\":20,\"end\":22,\"notes\":[{\"level\":\"note\",\"message\":\"did you mean "
                "`a`?\",\"file\":\"m.dyn\",\"line\":1,\"column\":5,\"end_line\":1,\"end_column\":6,"
                "\"start\":4,\"end\":5},{\"level\":\"note\",\"message\":\"no place\"}]}\n");
  arena_free(a);
}

static void test_diag_limits(void) {
  Arena *a = arena_new();
  char *text = arena_alloc(a, 1001);
  memset(text, 'x', 1000);
  text[500] = '\033';
  Source *s = source_make(a, "long", text, 1000);
  DiagList d;
  diag_init(&d, a);
  d.limit = 2;
  for (uint32_t i = 0; i < 5; i++) diag_add(&d, E0101, (Where){s, {500 + i, 501 + i}}, "m%u", i);
  char *got = printed(&d, DIAG_PLAIN);
  CHECK(d.errors == 5 && strstr(got, "m1") && !strstr(got, "m2"), "kept two");
  CHECK(strstr(got, "and 3 more errors\n") && !strchr(got, '\033'), "%s", got);
  CHECK(strlen(got) < 600, "a long line is cut: %zu", strlen(got));
  free(got);
  CHECK(diag_info_by_name("E0201") == diag_info(E0201) && !diag_info_by_name("E9"), "by name");
  for (int i = DIAG_NONE + 1; i < DIAG_COUNT; i++) {
    const DiagInfo *info = diag_info((DiagCode)i);
    CHECK(*info->title && *info->text, "%s explains", info->code);
  }
  arena_free(a);
}

static void test_nearest(void) {
  const char *const names[] = {"tau", "network", "param", "x", "sigma", "tan", "tanh"};
  struct {
    const char *name, *want;
  } cases[] = {{"tua", "tau"},  {"netwrk", "network"}, {"parm", "param"},
               {"X", "x"},      {"y", NULL},           {"Sigma", "sigma"},
               {"zebra", NULL}, {"param", NULL},       {"tahn", "tanh"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *got = nearest_name(cases[i].name, names, 7);
    bool ok = got && cases[i].want ? strcmp(got, cases[i].want) == 0 : got == cases[i].want;
    CHECK(ok, "%s: %s", cases[i].name, got ? got : "none");
  }
}

static Dim unit(Arena *a, const char *text, double *factor) {
  Dim d = DIM_ONE;
  const char *bad = NULL;
  CHECK(unit_parse(text, strlen(text), &d, factor, a, &bad), "%s: %s", text, bad);
  return d;
}

static void test_units(Arena *a) {
  struct {
    const char *text;
    double factor;
    const char *name;
  } good[] = {{"ms", 1e-3, "s"},
              {"mS/cm^2", 10, "S/m^2"},
              {"1/ms", 1e3, "Hz"},
              {"Hz^0.5", 1, "1/s^0.5"},
              {"uF/cm^2", 0.01, "F/m^2"},
              {"mV/ms", 1, "V/s"},
              {"m*s", 1, "m*s"},
              {"m s", 1, "m*s"},
              {"m/s/s", 1, "m/s^2"},
              {"V^-1", 1, "1/V"},
              {"m^(1/3)", 1, "m^(1/3)"},
              {"mmol / m^3", 1e-3, "mM"},
              {"deg", 0.017453292519943295, "a plain number"},
              {"nA ms", 1e-12, "C"},
              {"kohm cm", 10, "ohm*m"},
              {"mV^2", 1e-6, "V^2"},
              {"J/K", 1, "J/K"}};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    double factor = 0;
    Dim d = unit(a, good[i].text, &factor);
    CHECK(fabs(factor / good[i].factor - 1) < 4e-16, "%s: %.17g", good[i].text, factor);
    CHECK(strcmp(dim_name(a, d), good[i].name) == 0, "%s: %s", good[i].text, dim_name(a, d));
  }
  struct {
    const char *text, *bad;
  } wrong[] = {{"", ""},      {"mss", "mss"},      {"m/", ""},    {"mV//ms", "/"},
               {"2/ms", "2"}, {"m^", ""},          {"m^x", "x"},  {"mV+ms", "+"},
               {"11", "1"},   {"ms volt", "volt"}, {"m^0.07", ""}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    Dim d;
    double f;
    const char *bad = NULL;
    CHECK(!unit_parse(wrong[i].text, strlen(wrong[i].text), &d, &f, a, &bad), "%s", wrong[i].text);
    CHECK(bad && strcmp(bad, wrong[i].bad) == 0, "%s: `%s`", wrong[i].text, bad);
  }
  const char *const *names;
  size_t n = unit_names(&names);
  for (size_t i = 0; i < n; i++) {
    double f;
    unit(a, names[i], &f);
    CHECK(unit_is_name(names[i], strlen(names[i])), "%s", names[i]);
  }
  CHECK(n == 50 && !unit_is_name("volt", 4), "%zu units", n);
}

static void test_dimensions(Arena *a) {
  double f;
  Dim volt = unit(a, "V", &f), amp = unit(a, "A", &f), ohm = unit(a, "ohm", &f), root, joined;
  CHECK(strcmp(dim_name(a, dim_mul(amp, ohm)), "V") == 0, "Ohm's law");
  CHECK(dim_is_one(dim_div(volt, volt)) && dim_is_one(DIM_ANY) && !dim_is_one(volt), "one");
  CHECK(dim_mul(DIM_ANY, volt).any, "any times a dimension");
  CHECK(
      dim_pow(volt, 1.0 / 3, &root) && dim_pow(root, 3, &root) && dim_agree(root, volt, NULL, NULL),
      "a cube root");
  CHECK(!dim_pow(volt, 0.3, &root) && dim_pow(DIM_ONE, 0.3, &root), "no twelfth");
  CHECK(!dim_pow(volt, NAN, &root) && !dim_pow(volt, 1e9, &root), "absurd powers");
  CHECK(dim_agree(DIM_ANY, volt, NULL, &joined) && !joined.any && joined.e[DIM_KG] == 12, "any");
  TimeKind k = TIME_UNKNOWN;
  Dim rate = dim_div(volt, dim_time()), per_second = dim_div(volt, dim_seconds());
  CHECK(!dim_agree(rate, unit(a, "A", &f), &k, NULL) && k == TIME_UNKNOWN, "unlike at any time");
  CHECK(dim_agree(rate, per_second, &k, &joined) && k == TIME_SECONDS, "time in seconds");
  CHECK(joined.e[DIM_TIME] == 0 && joined.e[DIM_S] == per_second.e[DIM_S], "resolved");
  CHECK(!dim_agree(rate, volt, &k, NULL), "settled");
  k = TIME_UNKNOWN;
  CHECK(dim_agree(rate, volt, &k, NULL) && k == TIME_PLAIN, "time is a plain number");
  CHECK(strcmp(dim_name(a, rate), "V/time") == 0, "%s", dim_name(a, rate));
  CHECK(strcmp(dim_name(a, DIM_ONE), "a plain number") == 0, "plain");
}

static void check_suited(Arena *a, const char *text, double size, const char *want, double want_f) {
  double f, got_f;
  Dim d = unit(a, text, &f);
  const char *got = unit_suited(a, d, size, &got_f);
  CHECK(strcmp(got, want) == 0, "%g %s: %s, want %s", size, text, got, want);
  CHECK_NEAR(got_f / want_f, 1, 1e-15, "%s", text);
}

static void test_suited(Arena *a) {
  check_suited(a, "s", 0.02, "ms", 1e-3);
  check_suited(a, "s", 7200, "s", 1);
  check_suited(a, "s", 1e-3, "ms", 1e-3);
  check_suited(a, "V", 0.065, "mV", 1e-3);
  check_suited(a, "V", 1e-12, "uV", 1e-6);
  check_suited(a, "A", 3e-10, "pA", 1e-12);
  check_suited(a, "S/m^2", 360, "mS/cm^2", 10);
  check_suited(a, "Hz", 40, "Hz", 1);
  check_suited(a, "M", 5, "mM", 1);
  check_suited(a, "rad", 5, "", 1);
  check_suited(a, "V*s", 5, "V*s", 1);
  check_suited(a, "V", 0, "V", 1);
}

static void test_files(Arena *a) {
  char dir[] = "/tmp/dyn-test-XXXXXX";
  CHECK(mkdtemp(dir) != NULL, "mkdtemp");
  const char *why = NULL, *deep = path_join(a, dir, "a/b/c"), *file = path_join(a, deep, "f.txt");
  char *text;
  size_t n;
  CHECK(folder_make(a, deep, &why) && folder_make(a, deep, &why), "%s", why);
  CHECK(file_write(a, file, "hello\0!", 7, &why) && file_exists(file), "%s", why);
  CHECK(file_read(a, file, &text, &n, &why) && n == 7 && text[6] == '!' && !text[7], "%s", why);
  CHECK(file_write(a, file, "", 0, &why) && file_read(a, file, &text, &n, &why) && n == 0, "empty");
  CHECK(!file_read(a, deep, &text, &n, &why) && strstr(why, "directory"), "%s", why);
  CHECK(!file_write(a, path_join(a, file, "x"), "", 0, &why) && strstr(why, "f.txt/x"), "%s", why);
  CHECK(!folder_make(a, path_join(a, file, "x"), &why) && !folder_make(a, "", &why), "%s", why);
  const char *fresh = path_join(a, dir, "fresh"), *old = path_join(a, dir, "a");
  CHECK(folder_make(a, fresh, &why) && folder_swap(a, fresh, old, &why), "%s", why);
  CHECK(!file_exists(fresh) && file_exists(old) && !file_exists(file), "swapped");
  CHECK(!folder_swap(a, fresh, old, &why) && file_exists(old), "the old one is not harmed");
  CHECK(file_read(a, "/proc/self/status", &text, &n, &why) && n > 0, "a file without a size");
  CHECK(folder_remove(a, dir, &why) && !file_exists(dir), "%s", why);
  CHECK(strcmp(path_dir(a, "x.dyn"), ".") == 0 && strcmp(path_dir(a, "/x"), "/") == 0 &&
            strcmp(path_dir(a, "a/b/c"), "a/b") == 0,
        "path_dir");
  CHECK(strcmp(path_stem(a, "a.b/model.v2.dyn"), "model.v2") == 0 &&
            strcmp(path_stem(a, ".hidden"), ".hidden") == 0,
        "path_stem");
  CHECK(strcmp(path_join(a, "a/", "b"), "a/b") == 0 && strcmp(path_join(a, "a", "/b"), "/b") == 0,
        "path_join");
}

/* Pieces wait in memory or, beyond four bytes, in the file. */
static void test_stash(void) {
  const char *text[] = {"one", "two", "", "a longer one"};
  Stash *s = stash_new(4);
  Stashed x[4];
  for (int k = 0; k < 4; k++) x[k] = stash_put(s, text[k], strlen(text[k]));
  CHECK(x[0].data && !x[1].data && x[1].n == 3 && !x[2].n && !x[3].data, "where they are");
  for (int k = 3; k >= 0; k--) {
    char *data = x[k].n ? stash_read(s, &x[k]) : NULL;
    CHECK(!x[k].n || memcmp(data, text[k], x[k].n) == 0, "piece %d", k);
    mem_free(data);
    stash_drop(s, &x[k]);
  }
  Stashed again = stash_put(s, "hello", 5);
  CHECK(!again.data && again.place == 0, "the file begins anew");
  stash_drop(s, &again);
  setenv("TMPDIR", "/nowhere", 1);
  Stash *memory = stash_new(0);
  Stashed y = stash_put(memory, "hello", 5);
  CHECK(y.data, "without a file it stays in memory");
  stash_drop(memory, &y);
  unsetenv("TMPDIR");
  stash_free(memory);
  stash_free(s);
}

int main(void) {
  test_stash();
  test_arena();
  test_vec_and_map();
  test_text();
  test_source_and_diag();
  test_diag_limits();
  test_nearest();
  Arena *a = arena_new();
  test_units(a);
  test_dimensions(a);
  test_suited(a);
  test_files(a);
  arena_free(a);
  return check_done("base");
}
