/* results.c: results.h5. Each result is a data set or a group named as in the text:
     array      a data set of doubles, in SI, with the attribute `unit`
     logical    a data set of the type that h5py reads as bool
     string     a scalar data set, UTF-8
     record     a group, fields inside; `kind` is "record", `type` the verb that made it
     list       a group with members "0", "1", ...; `kind` is "list"
     sparse     a group; `kind` is "sparse", `shape` its shape; `data`, `indices` and `indptr` are
   its rows in the compressed form of scipy.sparse.csr_matrix network    a group of its weights;
   `kind` is "network" Parameters are attributes of the root: `param.g`, and `param.g.unit` where it
   has one. */
#include <hdf5.h>
#include <string.h>

#include "lang/network.h"
#include "report/report.h"

typedef struct Writer {
  Arena *arena;
  hid_t text_type, bool_type;
  const char *why; /* the first failure, NULL while there is none */
} Writer;

/* HDF5 keeps its reasons on a stack; the system's is inside the deepest one that has any. */
static herr_t find_reason(unsigned n, const H5E_error2_t *e, void *ctx) {
  (void)n;
  Writer *w = ctx;
  const char *mark = "error message = '";
  const char *at = e->desc ? strstr(e->desc, mark) : NULL;
  if (!at) return 0;
  at += strlen(mark);
  w->why = arena_strndup(w->arena, at, strcspn(at, "'"));
  return 1;
}

/* Passes a result of HDF5 on and takes note of the first failure. */
static hid_t checked(Writer *w, hid_t result) {
  if (result >= 0 || w->why) return result;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, find_reason, w);
  if (!w->why) w->why = "HDF5 refused to write";
  return result;
}

static hid_t make_text_type(Writer *w) {
  hid_t t = checked(w, H5Tcopy(H5T_C_S1));
  checked(w, H5Tset_size(t, H5T_VARIABLE));
  checked(w, H5Tset_cset(t, H5T_CSET_UTF8));
  return t;
}

static hid_t make_bool_type(Writer *w) {
  hid_t t = checked(w, H5Tenum_create(H5T_NATIVE_INT8));
  checked(w, H5Tenum_insert(t, "FALSE", &(int8_t){0}));
  checked(w, H5Tenum_insert(t, "TRUE", &(int8_t){1}));
  return t;
}

static hid_t make_space(Writer *w, Shape s) {
  if (s.rank == 0) return checked(w, H5Screate(H5S_SCALAR));
  hsize_t n[SHAPE_MAX_AXES];
  for (int i = 0; i < s.rank; i++) n[i] = (hsize_t)s.n[i];
  return checked(w, H5Screate_simple(s.rank, n, NULL));
}

static void write_attr(Writer *w, hid_t to, const char *name, hid_t type, Shape s,
                       const void *data) {
  hid_t space = make_space(w, s);
  hid_t attr = checked(w, H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  if (attr >= 0) {
    checked(w, H5Awrite(attr, type, data));
    checked(w, H5Aclose(attr));
  }
  H5Sclose(space);
}

static void write_attr_text(Writer *w, hid_t to, const char *name, const char *text) {
  write_attr(w, to, name, w->text_type, SHAPE_SCALAR, &text);
}

/* A data set, left open so that attributes may follow; closed by close_set. */
static hid_t write_set(Writer *w, hid_t in, const char *name, hid_t type, Shape s,
                       const void *data) {
  hid_t space = make_space(w, s);
  hid_t set = checked(w, H5Dcreate2(in, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  if (set >= 0 && shape_count(s) > 0)
    checked(w, H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  H5Sclose(space);
  return set;
}

static void close_set(Writer *w, hid_t set) {
  if (set >= 0) checked(w, H5Dclose(set));
}

static hid_t open_group(Writer *w, hid_t in, const char *name, const char *kind) {
  hid_t g = checked(w, H5Gcreate2(in, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  if (g >= 0) write_attr_text(w, g, "kind", kind);
  return g;
}

static void close_group(Writer *w, hid_t g) {
  if (g >= 0) checked(w, H5Gclose(g));
}

static void write_value(Writer *w, hid_t in, const char *name, const Value *v);

static void write_tensor(Writer *w, hid_t in, const char *name, const Tensor *t, Dim dim) {
  hid_t set = write_set(w, in, name, H5T_NATIVE_DOUBLE, t->shape, t->data);
  if (set >= 0) write_attr_text(w, set, "unit", unit_label(w->arena, dim));
  close_set(w, set);
}

static void write_logical(Writer *w, hid_t in, const char *name, const Tensor *t) {
  int64_t n = shape_count(t->shape);
  int8_t *bits = mem_alloc((size_t)n + 1);
  for (int64_t i = 0; i < n; i++) bits[i] = t->data[i] != 0;
  close_set(w, write_set(w, in, name, w->bool_type, t->shape, bits));
  mem_free(bits);
}

static void write_array(Writer *w, hid_t in, const char *name, const Value *v) {
  if (!value_is_known(v)) return;
  if (v->logical)
    write_logical(w, in, name, v->tensor);
  else
    write_tensor(w, in, name, v->tensor, v->dim);
}

static void write_csr(Writer *w, hid_t in, const char *name, const SparsePattern *p,
                      const Tensor *entries, Dim dim) {
  hid_t g = open_group(w, in, name, "sparse");
  if (g < 0) return;
  int64_t extents[2] = {p->rows, p->cols};
  write_attr(w, g, "shape", H5T_NATIVE_INT64, shape_vec(2), extents);
  write_tensor(w, g, "data", entries, dim);
  close_set(w, write_set(w, g, "indices", H5T_NATIVE_INT32, shape_vec(p->nnz), p->col));
  close_set(w, write_set(w, g, "indptr", H5T_NATIVE_INT64, shape_vec(p->rows + 1), p->start));
  close_group(w, g);
}

static void write_sparse(Writer *w, hid_t in, const char *name, const Value *v) {
  if (v->entries && value_is_known(v->entries))
    write_csr(w, in, name, v->pattern, v->entries->tensor, v->dim);
}

static void write_string(Writer *w, hid_t in, const char *name, const Value *v) {
  close_set(w, write_set(w, in, name, w->text_type, SHAPE_SCALAR, &v->text));
}

static void write_record(Writer *w, hid_t in, const char *name, const Value *v) {
  hid_t g = open_group(w, in, name, "record");
  if (g < 0) return;
  if (v->type) write_attr_text(w, g, "type", v->type);
  for (int i = 0; i < v->nfields; i++) write_value(w, g, v->fields[i].name, v->fields[i].value);
  close_group(w, g);
}

static void write_list(Writer *w, hid_t in, const char *name, const Value *v) {
  hid_t g = open_group(w, in, name, "list");
  if (g < 0) return;
  for (int i = 0; i < v->nfields; i++)
    write_value(w, g, arena_printf(w->arena, "%d", i), v->fields[i].value);
  close_group(w, g);
}

static void write_network(Writer *w, hid_t in, const char *name, const Value *v) {
  const System *s = v->network->system;
  hid_t g = open_group(w, in, name, "network");
  if (g < 0) return;
  write_attr_text(w, g, "network", v->network->name);
  for (size_t i = 0; s && i < s->weights.n; i++) {
    const SysWeight *weight = &s->weights.at[i];
    if (weight->pattern)
      write_csr(w, g, weight->q.name, weight->pattern, weight->value, weight->q.dim);
    else
      write_tensor(w, g, weight->q.name, weight->value, weight->q.dim);
  }
  close_group(w, g);
}

/* Kinds without a row hold nothing that could be read back, such as functions. */
static void (*const write_kind[V_KINDS])(Writer *, hid_t, const char *, const Value *) = {
    [V_ARRAY] = write_array,   [V_SPARSE] = write_sparse, [V_STRING] = write_string,
    [V_RECORD] = write_record, [V_LIST] = write_list,     [V_NETWORK] = write_network,
};

static void write_value(Writer *w, hid_t in, const char *name, const Value *v) {
  if (!w->why && write_kind[v->kind]) write_kind[v->kind](w, in, name, v);
}

static void write_param(Writer *w, hid_t root, const Param *p) {
  const char *name = arena_printf(w->arena, "param.%s", p->name);
  const Value *v = p->value;
  if (v->kind == V_STRING) write_attr_text(w, root, name, v->text);
  if (!value_is_known(v)) return;
  write_attr(w, root, name, H5T_NATIVE_DOUBLE, v->tensor->shape, v->tensor->data);
  if (!dim_is_one(v->dim))
    write_attr_text(w, root, arena_printf(w->arena, "%s.unit", name), unit_label(w->arena, v->dim));
}

static void write_all(Writer *w, hid_t file, const Ev *ev, const RunInfo *info) {
  hid_t root = checked(w, H5Gopen2(file, "/", H5P_DEFAULT));
  if (root < 0) return;
  write_attr_text(w, root, "dynrun", info->version);
  write_attr_text(w, root, "model", ev->main_source->name);
  write_attr(w, root, "seed", H5T_NATIVE_UINT64, SHAPE_SCALAR, &ev->seed);
  for (size_t i = 0; i < ev->params.n; i++) write_param(w, root, &ev->params.at[i]);
  for (size_t i = 0; i < ev->results.n; i++)
    write_value(w, root, ev->results.at[i].name, ev->results.at[i].value);
  for (size_t i = 0; i < ev->saved.n; i++)
    if (!saved_apart(&ev->saved.at[i]))
      write_value(w, root, ev->saved.at[i].name, ev->saved.at[i].value);
  close_group(w, root);
}

/* Groups in the format of HDF5 1.8 and later take a tenth of the space. */
static hid_t create_file(Writer *w, const char *path) {
  hid_t access = checked(w, H5Pcreate(H5P_FILE_ACCESS));
  checked(w, H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST));
  hid_t file = checked(w, H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
  return file;
}

bool results_write(Ev *ev, const RunInfo *info, const char *path, const char **why) {
  Writer w = {.arena = ev->arena};
  H5dont_atexit(); /* or HDF5 complains again about a full disk when the process ends */
  H5open();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  w.text_type = make_text_type(&w);
  w.bool_type = make_bool_type(&w);
  hid_t file = create_file(&w, path);
  if (file >= 0) {
    write_all(&w, file, ev, info);
    checked(&w, H5Fclose(file));
  }
  H5Tclose(w.text_type);
  H5Tclose(w.bool_type);
  *why = w.why;
  return !w.why;
}
