/* sim_rows.h: the rows that a run records. They are made piece by piece and kept as
   [trials, rows, ...]: in memory, or in the store of the results where memory is too small. */
#ifndef DYN_VERB_SIM_ROWS_H
#define DYN_VERB_SIM_ROWS_H

#include "verb/sim.h"

typedef struct SimColumn {
  Shape shape; /* [trials, rows, ...] */
  Dim dim;
  int64_t n;            /* numbers in a row of one trial */
  const Tensor *tensor; /* NULL: not in memory */
  int array;            /* in the store */
  double *piece;        /* [rows, trials, n] of a piece; adaptive methods: [rows, n] of one trial */
} SimColumn;

typedef struct SimRows {
  bool streamed;
  SimColumn *column; /* of each recorded quantity */
  SimColumn times;
  int64_t piece; /* most rows in a piece */
  int64_t made;  /* rows in the piece at hand, where trials run one after the other */
  int64_t full;  /* trials whose rows are all kept, then */
  int64_t done;  /* rows that are kept of the other trials, or of the one at hand */
  bool lost;     /* the store could not take more; reported */
} SimRows;

/* Is there room for the rows of a run, and where? False: reported. */
bool sim_rows_fit(Sim *m);
bool sim_rows_open(Sim *m);

/* Where the rows of a column are to be put, from `row` on, one after the other: room for `piece` of
   all trials. sim_rows_keep moves `made` of them to their place. False: reported. */
double *sim_rows_at(const Sim *m, size_t column, int64_t row);
bool sim_rows_keep(Sim *m, int64_t row, int64_t made);
/* The same where trials run one after the other (m->lane), row by row. */
double *sim_row_at(const Sim *m, size_t column, int64_t row);
bool sim_row_keep(Sim *m);
void sim_row_back(Sim *m);  /* the last one is to be made again */
bool sim_lane_keep(Sim *m); /* the trial has all its rows */

/* The run is over: fills the column of times. False: reported. */
bool sim_rows_times(Sim *m);
/* A column as a value. */
Value *sim_rows_value(Sim *m, const SimColumn *c);
/* The run ended early: a store keeps what there is. */
void sim_rows_part(Sim *m);

#endif
