/* load_npy.c: NumPy's .npy files, versions 1 to 3 (numpy.lib.format): a magic string, a header that
   is a Python dictionary, then the numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/core.h"
#include "lang/load.h"

/* ---- the header
 * ---------------------------------------------------------------------------------------- */

typedef struct Npy {
  char order; /* '<', '>' or '|' */
  char kind;  /* 'f', 'i', 'u' or 'b' */
  int width;
  bool fortran;
  Shape shape;
  const char *data;
  size_t bytes; /* of data */
} Npy;

/* The text after `'key':` in the header, or NULL. */
static const char *header_value(const char *header, const char *key) {
  const char *p = strstr(header, key);
  p = p ? strchr(p, ':') : NULL;
  if (!p) return NULL;
  for (p++; *p == ' ';) p++;
  return p;
}

static bool read_shape(const char *p, Shape *s) {
  *s = SHAPE_SCALAR;
  if (!p || *p != '(') return false;
  for (p++; *p && *p != ')';) {
    char *end;
    long long n = strtoll(p, &end, 10);
    if (end == p || n < 0 || s->rank == SHAPE_MAX_RANK) return false;
    s->n[s->rank++] = n;
    for (p = end; *p == ',' || *p == ' ' || *p == 'L';) p++;
  }
  return *p == ')';
}

/* NULL, or what is wrong. *kind_ok is cleared when the data are of a kind that is not read. */
static const char *read_header(Arena *a, const char *bytes, size_t n, Npy *out, bool *kind_ok) {
  *kind_ok = true;
  if (n < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0) return "it does not begin as an .npy file";
  const unsigned char *u = (const unsigned char *)bytes;
  bool wide = u[6] >= 2;
  size_t start = wide ? 12 : 10, len = u[8] | (size_t)u[9] << 8;
  if (wide) len |= (size_t)u[10] << 16 | (size_t)u[11] << 24;
  if (start + len > n) return "its header is cut off";
  const char *header = arena_strndup(a, bytes + start, len);
  const char *descr = header_value(header, "'descr'"),
             *order = header_value(header, "'fortran_order'");
  if (!descr || !order || !read_shape(header_value(header, "'shape'"), &out->shape))
    return "its header cannot be read, or it has more than six axes";
  out->fortran = strncmp(order, "True", 4) == 0;
  out->data = bytes + start + len;
  out->bytes = n - start - len;
  *kind_ok = descr[0] == '\'' && strchr("<>|=", descr[1]) && descr[2] && strchr("fiub", descr[2]);
  if (!*kind_ok) return arena_strndup(a, descr, strcspn(descr, ","));
  out->order = descr[1];
  out->kind = descr[2];
  out->width = atoi(descr + 3);
  return NULL;
}

/* ---- the numbers
 * ---------------------------------------------------------------------------------------- */

/* Half precision: 1 bit of sign, 5 of exponent, 10 of fraction (IEEE 754). */
static double half(uint16_t h) {
  double sign = h >> 15 ? -1 : 1, fraction = h & 0x3ff;
  int exponent = h >> 10 & 31;
  if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
  return sign * (exponent ? ldexp(1 + fraction / 1024, exponent - 15) : ldexp(fraction, -24));
}

static double number(const Npy *f, const char *p) {
  unsigned char b[8];
  const union {
    int probe;
    char first;
  } one = {1};
  bool swap = f->order == (one.first ? '>' : '<');
  for (int k = 0; k < f->width; k++) b[k] = (unsigned char)p[swap ? f->width - 1 - k : k];
#define AS(type) (*(const type *)memcpy(&(type){0}, b, sizeof(type)))
  switch (f->kind << 8 | f->width) {
    case 'f' << 8 | 8: return AS(double);
    case 'f' << 8 | 4: return AS(float);
    case 'f' << 8 | 2: return half(AS(uint16_t));
    case 'i' << 8 | 8: return (double)AS(int64_t);
    case 'i' << 8 | 4: return AS(int32_t);
    case 'i' << 8 | 2: return AS(int16_t);
    case 'i' << 8 | 1: return AS(int8_t);
    case 'u' << 8 | 8: return (double)AS(uint64_t);
    case 'u' << 8 | 4: return AS(uint32_t);
    case 'u' << 8 | 2: return AS(uint16_t);
    default: return b[0];
  }
#undef AS
}

static bool width_fits(char kind, int width) {
  if (kind == 'b') return width == 1;
  return width == 2 || width == 4 || width == 8 || (width == 1 && kind != 'f');
}

/* In Fortran's order the first axis runs fastest. */
static void fill(const Npy *f, Tensor *t) {
  int64_t count = shape_count(t->shape), index[SHAPE_MAX_RANK] = {0};
  for (int64_t i = 0; i < count; i++) {
    int64_t from = i;
    if (f->fortran) {
      from = 0;
      for (int k = t->shape.rank - 1; k >= 0; k--) from = from * t->shape.n[k] + index[k];
      for (int k = t->shape.rank - 1; k >= 0 && ++index[k] == t->shape.n[k]; k--) index[k] = 0;
    }
    t->data[i] = number(f, f->data + from * f->width);
  }
}

Value *load_npy_bytes(const Loader *l, const char *bytes, size_t n, const char *member) {
  Npy f = {0};
  bool kind_ok;
  const char *of = member ? arena_printf(l->ev->arena, "`%s`: ", member) : "";
  const char *why = read_header(l->ev->arena, bytes, n, &f, &kind_ok);
  if (!kind_ok || (!why && !width_fits(f.kind, f.width)))
    return load_error(l, E0704, "%sdata of type %s are no real numbers that can be read", of,
                      why ? why : arena_printf(l->ev->arena, "%c%d", f.kind, f.width));
  if (why) return load_damaged(l, arena_printf(l->ev->arena, "%s%s", of, why));
  int64_t count = shape_count(f.shape);
  if (f.bytes / (size_t)f.width < (size_t)count)
    return load_damaged(
        l, arena_printf(l->ev->arena, "%s%lld numbers are promised, %lld are there", of,
                        (long long)count, (long long)(f.bytes / (size_t)f.width)));
  if (!shape_affordable(l->ev, f.shape, l->at)) return &VALUE_ERROR;
  Tensor *t;
  Value *v = load_array(l, f.shape, DIM_ONE, &t);
  if (t) fill(&f, t);
  return f.kind == 'b' ? value_as_logical(l->ev, v) : v;
}

Value *load_npy(const Loader *l) {
  LoadBytes b;
  if (!load_open(l, &b)) return &VALUE_ERROR;
  Value *v = load_npy_bytes(l, b.at, b.n, NULL);
  load_close(&b);
  return v;
}
