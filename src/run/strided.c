/* strided.c: one loop nest over collapsed axes; where the input runs along another axis than the
   output, the two are walked in blocks that fit the first cache. */
#include "run/strided.h"

#include <string.h>

enum { BLOCK = 16 };

void strides_dense(Shape s, int64_t *stride) {
  int64_t step = 1;
  for (int k = s.rank - 1; k >= 0; k--) {
    stride[k] = step;
    step *= s.n[k];
  }
}

void strides_broadcast(Shape s, const int64_t *given, Shape wide, int64_t *stride) {
  int lead = wide.rank - s.rank;
  for (int k = 0; k < wide.rank; k++)
    stride[k] = k < lead || (s.n[k - lead] == 1 && wide.n[k] != 1) ? 0 : given[k - lead];
}

void strided_collapse(Strided *s) {
  int k = 0;
  for (int i = 0; i < s->rank; i++) {
    if (s->n[i] == 1) continue;
    bool joins =
        k > 0 && s->to[k - 1] == s->to[i] * s->n[i] && s->from[k - 1] == s->from[i] * s->n[i];
    int at = joins ? k - 1 : k++;
    s->n[at] = joins ? s->n[at] * s->n[i] : s->n[i];
    s->to[at] = s->to[i];
    s->from[at] = s->from[i];
  }
  s->rank = k;
}

#define COPY_LINE(type)                                                                          \
  static void copy_line_##type(type *out, int64_t to, const type *in, int64_t from, int64_t n) { \
    if (to == 1 && from == 1) {                                                                  \
      memcpy(out, in, (size_t)n * sizeof *out);                                                  \
      return;                                                                                    \
    }                                                                                            \
    for (int64_t i = 0; i < n; i++) out[i * to] = in[i * from];                                  \
  }                                                                                              \
                                                                                                 \
  static void copy_plane_##type(const Strided *s, type *out, const type *in) {                   \
    int r = s->rank - 2;                                                                         \
    for (int64_t i = 0; i < s->n[r]; i += BLOCK)                                                 \
      for (int64_t j = 0; j < s->n[r + 1]; j += BLOCK)                                           \
        for (int64_t k = i; k < i + BLOCK && k < s->n[r]; k++) {                                 \
          int64_t m = s->n[r + 1] - j < BLOCK ? s->n[r + 1] - j : BLOCK;                         \
          copy_line_##type(out + k * s->to[r] + j * s->to[r + 1], s->to[r + 1],                  \
                           in + k * s->from[r] + j * s->from[r + 1], s->from[r + 1], m);         \
        }                                                                                        \
  }                                                                                              \
                                                                                                 \
  static void copy_##type(const Strided *s, int axis, type *out, const type *in) {               \
    int left = s->rank - axis;                                                                   \
    if (left == 0) {                                                                             \
      *out = *in;                                                                                \
    } else if (left == 1) {                                                                      \
      copy_line_##type(out, s->to[axis], in, s->from[axis], s->n[axis]);                         \
    } else if (left == 2 && s->from[axis] == 1) {                                                \
      copy_plane_##type(s, out, in);                                                             \
    } else {                                                                                     \
      for (int64_t i = 0; i < s->n[axis]; i++)                                                   \
        copy_##type(s, axis + 1, out + i * s->to[axis], in + i * s->from[axis]);                 \
    }                                                                                            \
  }
COPY_LINE(double)
COPY_LINE(float)

void strided_copy(const Strided *s, bool single, void *out, const void *in) {
  Strided c = *s;
  for (int k = 0; k < c.rank; k++)
    if (c.n[k] == 0) return;
  strided_collapse(&c);
  if (single)
    copy_float(&c, 0, out, in);
  else
    copy_double(&c, 0, out, in);
}
