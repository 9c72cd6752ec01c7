/* load_h5.c: HDF5 files: groups are records, data sets arrays or strings. What dynrun wrote comes
   back as it was: units, logical arrays, lists and sparse matrices by their attributes
   (report/results.c). */
#include <string.h>

#include "lang/core.h"
#include "lang/load.h"
#include "lang/load_names.h"

enum { DEPTH_MAX = 50 }; /* of groups in groups: links may form rings */

typedef struct Reader {
  const Loader *l;
  Arena *arena;
  int depth;
} Reader;

static Value *read_group(Reader *r, hid_t g);

static Value *damaged(const Reader *r, const char *name) {
  return load_damaged(r->l, arena_printf(r->arena, "`%s` cannot be read", name));
}

/* ---- attributes
 * ---------------------------------------------------------------------------------------- */

/* An attribute that is one string, or NULL. */
static const char *text_attribute(Reader *r, hid_t of, const char *name) {
  if (H5Aexists(of, name) <= 0) return NULL;
  hid_t attr = H5Aopen(of, name, H5P_DEFAULT), type = H5Aget_type(attr), space = H5Aget_space(attr);
  const char *text = NULL;
  bool one = H5Sget_simple_extent_npoints(space) == 1;
  if (one && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0) {
    char *p = NULL;
    if (H5Aread(attr, type, &p) >= 0 && p) text = arena_strdup(r->arena, p);
    H5free_memory(p);
  } else if (one && H5Tget_class(type) == H5T_STRING) {
    char *p = arena_alloc(r->arena, H5Tget_size(type) + 1);
    if (H5Aread(attr, type, p) >= 0) text = p;
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attr);
  return text;
}

/* The dimension and the factor to SI of the attribute `unit`; plain numbers without a readable one.
 */
static Dim unit_of(Reader *r, hid_t set, double *factor) {
  Dim d = DIM_ONE;
  const char *bad, *unit = text_attribute(r, set, "unit");
  *factor = 1;
  if (!unit || !unit[0] || !unit_parse(unit, strlen(unit), &d, factor, r->arena, &bad)) {
    *factor = 1;
    return DIM_ONE;
  }
  return d;
}

/* ---- data sets
 * ----------------------------------------------------------------------------------------- */

static Value *read_numbers(Reader *r, hid_t set, Shape s, const char *name) {
  double factor;
  Dim d = unit_of(r, set, &factor);
  Tensor *t;
  Value *v = load_array(r->l, s, d, &t);
  if (!t) return v;
  if (H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->data) < 0)
    return damaged(r, name);
  for (int64_t i = 0; factor != 1 && i < shape_count(s); i++) t->data[i] *= factor;
  return v;
}

/* Enumerations of one byte: what NumPy's booleans are stored as. */
static Value *read_logical(Reader *r, hid_t set, hid_t type, Shape s, const char *name) {
  Tensor *t;
  Value *v = load_array(r->l, s, DIM_ONE, &t);
  if (t) {
    int64_t n = shape_count(s);
    int8_t *bits = arena_alloc(r->arena, (size_t)n + 1);
    if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bits) < 0) return damaged(r, name);
    for (int64_t i = 0; i < n; i++) t->data[i] = bits[i] != 0;
  }
  return value_as_logical(r->l->ev, v);
}

/* One string, or a list of them. */
static Value *strings(Reader *r, char *const *text, Shape s) {
  Ev *ev = r->l->ev;
  if (s.rank == 0) return value_string(ev, arena_strdup(ev->arena, text[0] ? text[0] : ""));
  int n = (int)shape_count(s);
  Value *list = value_list(ev, n);
  for (int i = 0; i < n; i++)
    value_set(list, i, NULL, value_string(ev, arena_strdup(ev->arena, text[i] ? text[i] : "")));
  return list;
}

static Value *read_variable_text(Reader *r, hid_t set, hid_t type, hid_t space, Shape s,
                                 const char *name) {
  char **text = arena_array(r->arena, (size_t)shape_count(s) + 1, sizeof *text);
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) return damaged(r, name);
  Value *v = strings(r, text, s);
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
  return v;
}

static Value *read_fixed_text(Reader *r, hid_t set, hid_t type, Shape s, const char *name) {
  size_t n = (size_t)shape_count(s), width = H5Tget_size(type);
  char *block = arena_array(r->arena, n + 1, width);
  char **text = arena_array(r->arena, n + 1, sizeof *text);
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, block) < 0) return damaged(r, name);
  for (size_t i = 0; i < n; i++) text[i] = arena_strndup(r->arena, block + i * width, width);
  return strings(r, text, s);
}

static Value *read_typed(Reader *r, hid_t set, hid_t type, hid_t space, Shape s, const char *name) {
  H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_INTEGER || kind == H5T_FLOAT) return read_numbers(r, set, s, name);
  if (kind == H5T_ENUM && H5Tget_size(type) == 1) return read_logical(r, set, type, s, name);
  if (kind == H5T_STRING && s.rank < 2)
    return H5Tis_variable_str(type) > 0 ? read_variable_text(r, set, type, space, s, name)
                                        : read_fixed_text(r, set, type, s, name);
  return load_error(r->l, E0704, "`%s` holds neither real numbers nor text", name);
}

static Value *read_set(Reader *r, hid_t set, const char *name) {
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  hsize_t extent[H5S_MAX_RANK];
  int rank = H5Sget_simple_extent_dims(space, extent, NULL);
  Value *v;
  if (rank < 0) {
    v = damaged(r, name);
  } else if (rank > SHAPE_MAX_RANK) {
    v = load_error(r->l, E0704, "`%s` has %d axes; an array has at most %d", name, rank,
                   SHAPE_MAX_RANK);
  } else {
    Shape s = {rank, {0}};
    for (int k = 0; k < rank; k++) s.n[k] = (int64_t)extent[k];
    v = read_typed(r, set, type, space, s, name);
  }
  H5Sclose(space);
  H5Tclose(type);
  return v;
}

/* ---- groups
 * -------------------------------------------------------------------------------------------- */

static Value *read_object(Reader *r, hid_t in, const char *name) {
  hid_t object = H5Oopen(in, name, H5P_DEFAULT);
  if (object < 0) return damaged(r, name);
  H5I_type_t kind = H5Iget_type(object);
  Value *v = &VALUE_NONE;
  if (kind == H5I_DATASET) v = read_set(r, object, name);
  if (kind == H5I_GROUP) v = read_group(r, object);
  H5Oclose(object);
  return v;
}

/* The rows in compressed form are checked: whatever walks the matrix relies on them. */
static bool sound_rows(const Value *indices, const Value *indptr, int64_t rows, int64_t cols) {
  const double *start = indptr->tensor->data, *col = indices->tensor->data;
  int64_t nnz = shape_count(indices->tensor->shape);
  if (shape_count(indptr->tensor->shape) != rows + 1 || start[0] != 0 || start[rows] != (double)nnz)
    return false;
  for (int64_t i = 0; i < rows; i++) {
    if (!(start[i] <= start[i + 1] && start[i + 1] <= (double)nnz)) return false;
    for (int64_t k = (int64_t)start[i]; k < (int64_t)start[i + 1]; k++)
      if (!(col[k] >= 0 && col[k] < (double)cols &&
            (k == (int64_t)start[i] || col[k] > col[k - 1])))
        return false;
  }
  return true;
}

static SparsePattern *pattern_of(Ev *ev, const Value *indices, const Value *indptr, int64_t rows,
                                 int64_t cols) {
  int64_t nnz = shape_count(indices->tensor->shape);
  int64_t *start = ARENA_ARRAY(ev->arena, int64_t, rows + 1);
  int32_t *col = ARENA_ARRAY(ev->arena, int32_t, nnz + 1);
  for (int64_t i = 0; i <= rows; i++) start[i] = (int64_t)indptr->tensor->data[i];
  for (int64_t k = 0; k < nnz; k++) col[k] = (int32_t)indices->tensor->data[k];
  SparsePattern *p = ARENA_NEW(ev->arena, SparsePattern);
  *p = (SparsePattern){.rows = rows, .cols = cols, .nnz = nnz, .start = start, .col = col};
  return p;
}

static bool read_extents(hid_t g, int64_t extent[2]) {
  hid_t attr = H5Aopen(g, "shape", H5P_DEFAULT);
  hid_t space = attr < 0 ? -1 : H5Aget_space(attr);
  bool ok = space >= 0 && H5Sget_simple_extent_npoints(space) == 2 &&
            H5Aread(attr, H5T_NATIVE_INT64, extent) >= 0;
  if (space >= 0) H5Sclose(space);
  if (attr >= 0) H5Aclose(attr);
  return ok && extent[0] >= 0 && extent[1] >= 0 && extent[1] < INT32_MAX;
}

static Value *read_sparse(Reader *r, hid_t g) {
  Ev *ev = r->l->ev;
  int64_t extent[2];
  Value *entries = read_object(r, g, "data"), *indices = read_object(r, g, "indices");
  Value *indptr = read_object(r, g, "indptr");
  if (value_is_error(entries) || value_is_error(indices) || value_is_error(indptr))
    return &VALUE_ERROR;
  if (!value_is_array(entries) || !value_is_array(indices) || !value_is_array(indptr) ||
      !read_extents(g, extent) || !shape_equal(value_shape(entries), value_shape(indices)))
    return load_damaged(r->l, "a sparse matrix lacks its rows or columns");
  Value *v = ARENA_NEW(ev->arena, Value);
  *v = (Value){.kind = V_SPARSE, .entries = entries, .dim = entries->dim, .at = r->l->at};
  if (ev->rehearse) {
    SparsePattern *p = ARENA_NEW(ev->arena, SparsePattern);
    *p = (SparsePattern){.rows = extent[0], .cols = extent[1], .nnz = EXTENT_UNKNOWN};
    v->pattern = p;
    return v;
  }
  if (!sound_rows(indices, indptr, extent[0], extent[1]))
    return load_damaged(r->l, "the rows of a sparse matrix are out of order");
  v->pattern = pattern_of(ev, indices, indptr, extent[0], extent[1]);
  return v;
}

static Value *read_members(Reader *r, hid_t g, bool list) {
  LoadNames names = {0};
  if (!load_names(r->l->ev->arena, g, &names)) return load_damaged(r->l, "a group cannot be read");
  int n = (int)names.n;
  Value *v = list ? value_list(r->l->ev, n) : value_record(r->l->ev, "load", n);
  for (int i = 0; i < n; i++) {
    const char *name = list ? arena_printf(r->arena, "%d", i) : names.at[i];
    Value *member = read_object(r, g, name);
    if (value_is_error(member)) return member;
    value_set(v, i, list ? NULL : name, member);
  }
  return v;
}

static Value *read_group(Reader *r, hid_t g) {
  if (r->depth == DEPTH_MAX) return load_error(r->l, E0704, "its groups are nested without end");
  const char *kind = text_attribute(r, g, "kind");
  r->depth++;
  Value *v = kind && strcmp(kind, "sparse") == 0
                 ? read_sparse(r, g)
                 : read_members(r, g, kind && strcmp(kind, "list") == 0);
  r->depth--;
  return v;
}

/* HDF5 prints its errors unless told otherwise; ours go through diagnostics. */
Value *load_h5(const Loader *l) {
  H5E_auto2_t print;
  void *ctx;
  H5Eget_auto2(H5E_DEFAULT, &print, &ctx);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  Reader r = {.l = l, .arena = arena_new()};
  hid_t file = H5Fopen(l->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  Value *v = file < 0 ? load_damaged(l, "it is no HDF5 file, or is cut off") : read_group(&r, file);
  if (file >= 0) H5Fclose(file);
  arena_free(r.arena);
  H5Eset_auto2(H5E_DEFAULT, print, ctx);
  return v;
}
