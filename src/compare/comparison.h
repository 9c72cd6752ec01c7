/* comparison.h: what was compared, and how it came out. */
#ifndef DYN_COMPARE_COMPARISON_H
#define DYN_COMPARE_COMPARISON_H

#include "base/vec.h"

/* From the best to the worst; the words of each are in comparison.c. */
typedef enum Verdict {
  VERDICT_SAME,    /* to the last bit, to the letter */
  VERDICT_WITHIN,  /* as near as its conditioning lets it be */
  VERDICT_ALIKE,   /* too sensitive to be the same anywhere: its statistics are */
  VERDICT_OTHER,   /* different */
  VERDICT_GONE,    /* only the first has it */
  VERDICT_NEW,     /* only the second has it */
  VERDICT_ALTERED, /* not what the run has written */
  VERDICTS
} Verdict;

typedef struct Compared {
  const char *what, *name; /* "result", "run/x" */
  Verdict verdict;
  const char *first, *second;   /* what they are, as text; NULL where there is nothing to show */
  double difference, tolerance; /* the largest, relative to the largest number; NAN: none */
  const char *note;             /* NULL: none */
} Compared;

typedef struct Comparison {
  Arena *arena;
  VEC(Compared) of;
} Comparison;

/* A new row, without difference and tolerance. */
Compared *comparison_add(Comparison *c, const char *what, const char *name, Verdict verdict);
Compared *comparison_find(Comparison *c, const char *what, const char *name);
/* Two texts of one name: the same or not. A NULL is missing. */
Compared *comparison_texts(Comparison *c, const char *what, const char *name, const char *first,
                           const char *second);
bool comparison_agrees(const Comparison *c); /* nothing is different, missing or altered */
const char *verdict_word(Verdict v);

/* Of `all` rows, or of those that are not the same. */
const char *comparison_table(const Comparison *c, bool all);
const char *comparison_json(const Comparison *c);

#endif
