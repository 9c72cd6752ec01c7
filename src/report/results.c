/* results.c: results.h5. Each result is a data set or a group named as in the text:
     array      a data set of doubles, in SI, with the attribute `unit`
     logical    a data set of the type that h5py reads as bool
     string     a scalar data set, UTF-8
     record     a group, fields inside; `kind` is "record", `type` the verb that made it
     list       of strings: a data set of them; of other things: a group with members "0", "1",
                ...; `kind` is "list"
     sparse     a group; `kind` is "sparse", `shape` its shape; `data`, `indices` and `indptr` are
                its rows in the compressed form of scipy.sparse.csr_matrix
     network    a group of its weights; `kind` is "network"
   Parameters are attributes of the root: `param.g`, and `param.g.unit` where it has one. The group
   `.provenance` says where all came from (provenance.h). Records that were streamed are in the file
   already, and get their names here (store.h). */
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "lang/network.h"
#include "report/provenance.h"
#include "report/report.h"
#include "report/store.h"

enum { PATH_MOST = 4096 };

typedef struct Writer {
  Arena *arena;
  H5 *h5;
  const Store *store; /* of arrays that are in the file already; or NULL */
  Sums *sums;
} Writer;

/* Takes note of the digest of what a data set holds. */
static void add_sum(Writer *w, hid_t in, const char *name, const void *data, size_t bytes) {
  char group[PATH_MOST];
  ssize_t n = H5Iget_name(in, group, sizeof group);
  if (n <= 0 || n >= PATH_MOST) return;
  Sum *sum = vec_push(w->arena, w->sums);
  sum->name = arena_printf(w->arena, "%s%s%s", group + 1, group[1] ? "/" : "", name);
  sha256_hex(data, bytes, sum->sha256);
}

/* A data set, left open so that attributes may follow; closed by close_set. */
static hid_t write_set(Writer *w, hid_t in, const char *name, hid_t type, Shape s,
                       const void *data) {
  add_sum(w, in, name, data, (size_t)shape_count(s) * H5Tget_size(type));
  return h5_set(w->h5, in, name, type, s, data);
}

static void close_set(Writer *w, hid_t set) {
  if (set >= 0) h5_checked(w->h5, H5Dclose(set));
}

static hid_t open_group(Writer *w, hid_t in, const char *name, const char *kind) {
  hid_t g = h5_group(w->h5, in, name);
  if (g >= 0) h5_attr_text(w->h5, g, "kind", kind);
  return g;
}

static void close_group(Writer *w, hid_t g) {
  if (g >= 0) h5_checked(w->h5, H5Gclose(g));
}

static void write_value(Writer *w, hid_t in, const char *name, const Value *v);

static void name_set(Writer *w, hid_t in, const char *name, hid_t set, Dim dim) {
  h5_checked(w->h5, H5Olink(set, in, name, H5P_DEFAULT, H5P_DEFAULT));
  if (H5Aexists(set, "unit") == 0) h5_attr_text(w->h5, set, "unit", unit_label(w->arena, dim));
}

static void write_tensor(Writer *w, hid_t in, const char *name, const Tensor *t, Dim dim) {
  hid_t kept = store_set(w->store, t);
  if (kept >= 0) {
    add_sum(w, in, name, t->data, (size_t)shape_count(t->shape) * sizeof(double));
    name_set(w, in, name, kept, dim);
    return;
  }
  hid_t set = write_set(w, in, name, H5T_NATIVE_DOUBLE, t->shape, t->data);
  if (set >= 0) h5_attr_text(w->h5, set, "unit", unit_label(w->arena, dim));
  close_set(w, set);
}

static void write_logical(Writer *w, hid_t in, const char *name, const Tensor *t) {
  int64_t n = shape_count(t->shape);
  int8_t *bits = mem_alloc((size_t)n + 1);
  for (int64_t i = 0; i < n; i++) bits[i] = t->data[i] != 0;
  close_set(w, write_set(w, in, name, h5_bool_type(w->h5), t->shape, bits));
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
  h5_attr(w->h5, g, "shape", H5T_NATIVE_INT64, shape_vec(2), extents);
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
  add_sum(w, in, name, v->text, strlen(v->text));
  close_set(w, h5_set(w->h5, in, name, h5_text_type(w->h5), SHAPE_SCALAR, &v->text));
}

static void write_record(Writer *w, hid_t in, const char *name, const Value *v) {
  hid_t g = open_group(w, in, name, "record");
  if (g < 0) return;
  if (v->type) h5_attr_text(w->h5, g, "type", v->type);
  for (int i = 0; i < v->nfields; i++) write_value(w, g, v->fields[i].name, v->fields[i].value);
  close_group(w, g);
}

static bool is_all_text(const Value *list) {
  for (int i = 0; i < list->nfields; i++)
    if (list->fields[i].value->kind != V_STRING) return false;
  return list->nfields > 0;
}

/* Their digest is that of all in order, each with the byte 0 that ends it. */
static void write_strings(Writer *w, hid_t in, const char *name, const Value *v) {
  Arena *scratch = arena_new();
  const char **text = arena_array(scratch, (size_t)v->nfields, sizeof *text);
  Text all = {.arena = scratch};
  for (int i = 0; i < v->nfields; i++) {
    text[i] = v->fields[i].value->text;
    text_add_n(&all, text[i], strlen(text[i]) + 1);
  }
  add_sum(w, in, name, all.at, all.n);
  close_set(w, h5_set(w->h5, in, name, h5_text_type(w->h5), shape_vec(v->nfields), text));
  arena_free(scratch);
}

static void write_list(Writer *w, hid_t in, const char *name, const Value *v) {
  if (is_all_text(v)) {
    write_strings(w, in, name, v);
    return;
  }
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
  h5_attr_text(w->h5, g, "network", v->network->name);
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
  if (!w->h5->why && write_kind[v->kind]) write_kind[v->kind](w, in, name, v);
}

static void write_param(Writer *w, hid_t root, const Param *p) {
  const char *name = arena_printf(w->arena, "param.%s", p->name);
  const Value *v = p->value;
  if (v->kind == V_STRING) h5_attr_text(w->h5, root, name, v->text);
  if (!value_is_known(v)) return;
  h5_attr(w->h5, root, name, H5T_NATIVE_DOUBLE, v->tensor->shape, v->tensor->data);
  if (!dim_is_one(v->dim))
    h5_attr_text(w->h5, root, arena_printf(w->arena, "%s.unit", name),
                 unit_label(w->arena, v->dim));
}

static void write_all(Writer *w, hid_t file, const Ev *ev, const Provenance *origin) {
  hid_t root = h5_checked(w->h5, H5Gopen2(file, "/", H5P_DEFAULT));
  if (root < 0) return;
  h5_attr_text(w->h5, root, "dynrun", origin->dynrun);
  h5_attr_text(w->h5, root, "model", ev->main_source->name);
  h5_attr(w->h5, root, "seed", H5T_NATIVE_UINT64, SHAPE_SCALAR, &ev->seed);
  for (size_t i = 0; i < ev->params.n; i++) write_param(w, root, &ev->params.at[i]);
  for (size_t i = 0; i < ev->results.n; i++)
    write_value(w, root, ev->results.at[i].name, ev->results.at[i].value);
  for (size_t i = 0; i < ev->saved.n; i++)
    if (!saved_apart(&ev->saved.at[i]))
      write_value(w, root, ev->saved.at[i].name, ev->saved.at[i].value);
  provenance_write(w->h5, root, origin);
  close_group(w, root);
}

/* Each in the group of its record; that of the run says that it did not come to its end. */
static void write_part(void *ctx, const StorePart *p, hid_t set) {
  Writer *w = ctx;
  hid_t in = store_file(w->store);
  char *rest = arena_strdup(w->arena, p->name), *name = rest;
  for (char *dot; (dot = strchr(rest, '.')); rest = dot + 1) {
    *dot = '\0';
    bool old = H5Lexists(in, rest, H5P_DEFAULT) > 0;
    hid_t g = old ? h5_checked(w->h5, H5Gopen2(in, rest, H5P_DEFAULT))
                  : open_group(w, in, rest, "record");
    if (rest == name && !old && g >= 0) h5_attr_text(w->h5, g, "type", "simulate");
    if (rest == name && !old && g >= 0)
      h5_attr(w->h5, g, "unfinished", h5_bool_type(w->h5), SHAPE_SCALAR, &(int8_t){1});
    if (rest != name) close_group(w, in);
    if (g < 0) return;
    in = g;
  }
  name_set(w, in, rest, set, p->dim);
  if (rest != name) close_group(w, in);
}

bool results_write(Ev *ev, const Provenance *origin, const char *path, Sums *sums,
                   const char **why) {
  H5 h5 = {.arena = ev->arena};
  Writer w = {.arena = ev->arena, .h5 = &h5, .store = ev->store, .sums = sums};
  h5_begin();
  bool begun = store_file(ev->store) >= 0;
  hid_t file = begun ? store_file(ev->store) : h5_create(&h5, path);
  if (file >= 0) {
    write_all(&w, file, ev, origin);
    if (begun) store_each_part(ev->store, write_part, &w);
  }
  h5_end(&h5);
  if (begun)
    store_finish(ev->store, &h5);
  else if (file >= 0)
    h5_checked(&h5, H5Fclose(file));
  if (h5.why) *why = arena_printf(ev->arena, "cannot write `%s`: %s", path, h5.why);
  return !h5.why;
}
