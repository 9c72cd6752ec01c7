/* test_report.c: what a run leaves behind, read back with HDF5; and that failures leave an earlier
   folder as it was. */
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "report/report.h"

static char folder[] = "/tmp/dyn-report-XXXXXX";

static const Tensor *make_tensor(Arena *a, Shape s) {
  Tensor *t = tensor_new(a, s);
  for (int64_t i = 0; i < shape_count(s); i++) t->data[i] = (double)i;
  return t;
}

static Value *make_record(Ev *ev) {
  Arena *a = ev->arena;
  Value *r = value_record(ev, "simulate", 5), *list = value_list(ev, 2);
  value_set(list, 0, NULL, value_num(ev, 7));
  value_set(list, 1, NULL, value_string(ev, "seven"));
  value_set(r, 0, "t", value_tensor(ev, make_tensor(a, shape_vec(3)), dim_seconds()));
  value_set(r, 1, "x", value_tensor(ev, make_tensor(a, shape_mat(3, 2)), DIM_ONE));
  value_set(r, 2, "found", value_bool(ev, true));
  value_set(r, 3, "list", list);
  value_set(r, 4, "empty", value_tensor(ev, make_tensor(a, shape_mat(0, 2)), DIM_ONE));
  return r;
}

static void fill_results(Ev *ev) {
  const char *text = "param g = 2\n";
  ev->main_source = source_make(ev->arena, "model.dyn", text, strlen(text));
  ev->seed = 7;
  *vec_push(ev->arena, &ev->results) = (Result){.name = "run", .value = make_record(ev)};
  Value *record = make_record(ev), *table = value_record(ev, NULL, 2);
  value_set(table, 0, "t", record->fields[0].value);
  value_set(table, 1, "x", record->fields[1].value);
  *vec_push(ev->arena, &ev->saved) = (Result){.name = "rates.csv", .value = table};
  *vec_push(ev->arena, &ev->saved) = (Result){.name = "no.csv", .value = record};
  Value *g = value_quantity(ev, 2, dim_seconds());
  *vec_push(ev->arena, &ev->params) = (Param){.name = "g", .value = g, .dflt = g};
}

static void check_set(hid_t file, const char *path, int rank, double first) {
  hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
  double data[16] = {0};
  CHECK(set >= 0 && H5Sget_simple_extent_ndims(space) == rank, "%s", path);
  CHECK(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, "%s", path);
  CHECK_NEAR(data[rank ? 1 : 0], first, 0, "%s", path);
  H5Sclose(space);
  H5Dclose(set);
}

static void check_text_attr(hid_t file, const char *path, const char *name, const char *want) {
  hid_t at = H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT);
  hid_t type = H5Aget_type(at);
  char *text = NULL;
  CHECK(H5Aread(at, type, &text) >= 0 && text && strcmp(text, want) == 0, "%s %s", path, name);
  H5free_memory(text);
  H5Tclose(type);
  H5Aclose(at);
}

static void test_content(Ev *ev, const RunInfo *info, const char *out) {
  const char *why = "";
  CHECK(report_probe(ev->arena, out, &why) && !file_exists(out), "%s", why);
  CHECK(report_write(ev, info, out, &why), "%s", why);
  hid_t file = H5Fopen(path_join(ev->arena, out, "results.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
  CHECK(file >= 0, "results.h5 opens");
  check_set(file, "run/t", 1, 1);
  check_set(file, "run/x", 2, 1);
  check_set(file, "run/list/0", 0, 7);
  check_text_attr(file, "run/t", "unit", "s");
  check_text_attr(file, "run/x", "unit", "1");
  check_text_attr(file, "run", "type", "simulate");
  check_text_attr(file, "/", "param.g.unit", "s");
  CHECK(H5Lexists(file, "run/empty", H5P_DEFAULT) > 0, "an empty array is kept");
  H5Fclose(file);
}

static void test_json(Ev *ev, const char *out) {
  char *text = "";
  size_t n;
  const char *why = "";
  CHECK(file_read(ev->arena, path_join(ev->arena, out, "run.json"), &text, &n, &why), "%s", why);
  CHECK(strstr(text, "\"seed\": 7"), "%s", text);
  CHECK(strstr(text, "\"g\": {\"value\": 2, \"unit\": \"s\", \"set\": false}"), "%s", text);
  CHECK(strstr(text, "\"model.dyn\": \""), "%s", text);
}

static void test_csv(Ev *ev, const char *out) {
  char *text = "";
  size_t n;
  const char *why = "", *want = "t [s],x.0,x.1\n0,0,1\n1,2,3\n2,4,5\n";
  CHECK(file_read(ev->arena, path_join(ev->arena, out, "rates.csv"), &text, &n, &why), "%s", why);
  CHECK(strcmp(text, want) == 0, "%s", text);
  CHECK(!file_exists(path_join(ev->arena, out, "no.csv")), "what is no table is no .csv file");
}

/* An earlier folder survives a disk that is full after so many bytes. */
static void test_full_disk(Ev *ev, const RunInfo *info, const char *out, rlim_t bytes) {
  struct rlimit old, small;
  const char *why = "";
  getrlimit(RLIMIT_FSIZE, &old);
  small = (struct rlimit){bytes, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  bool ok = report_write(ev, info, out, &why);
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK(!ok && *why, "%lu bytes are not enough", (unsigned long)bytes);
  test_json(ev, out);
}

static void test_places(Ev *ev, const RunInfo *info, const char *out) {
  const char *why = "", *other = path_join(ev->arena, folder, "other");
  CHECK(folder_make(ev->arena, other, &why), "%s", why);
  CHECK(file_write(ev->arena, path_join(ev->arena, other, "thesis.tex"), "x", 1, &why), "%s", why);
  CHECK(!report_probe(ev->arena, other, &why), "other content is not replaced");
  CHECK(!report_write(ev, info, other, &why), "other content is not replaced");
  CHECK(!report_probe(ev->arena, path_join(ev->arena, out, "run.json/x"), &why), "below a file");
  CHECK(report_write(ev, info, out, &why), "an earlier run is replaced: %s", why);
}

int main(void) {
  Arena *a = arena_new();
  DiagList diag;
  Ev ev;
  RunInfo info = {.version = "1", .status = "ok"};
  diag_init(&diag, a);
  ev_init(&ev, a, &diag);
  signal(SIGXFSZ, SIG_IGN);
  if (!mkdtemp(folder)) return 1;
  const char *out = path_join(a, folder, "model.run"), *why;
  fill_results(&ev);
  test_content(&ev, &info, out);
  test_json(&ev, out);
  test_csv(&ev, out);
  test_full_disk(&ev, &info, out, 100);
  test_full_disk(&ev, &info, out, 2000);
  test_places(&ev, &info, out);
  folder_remove(a, folder, &why);
  arena_free(a);
  return check_done("report");
}
