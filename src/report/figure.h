/* figure.h: figures as values. A figure is a pair of axes with marks on it, or a grid of figures.
   Making one checks dimensions and shapes, in rehearsal too; it is drawn when the run is over
   (gnuplot.h). Numbers are read where they lie, in the tensors of the values. */
#ifndef DYN_REPORT_FIGURE_H
#define DYN_REPORT_FIGURE_H

#include "base/vec.h"
#include "lang/builtin.h"

/* n numbers: at[0], at[stride] ...; with at NULL first, first + step ... */
typedef struct Column {
  const double *at;
  int64_t stride;
  double first, step;
} Column;

double column_at(const Column *c, int64_t i);
Column column_of(const double *at, int64_t stride);
Column column_even(double first, double step);

typedef enum MarkKind {
#define MARK(name, columns, use, style, sample) MARK_##name,
#include "report/mark.def"
#undef MARK
  MARK_KINDS
} MarkKind;

typedef struct Mark {
  MarkKind kind;
  int64_t n;
  Column x, y, dx, dy;
  Column value; /* what the colour says, if `valued` */
  bool valued;
  const char *label; /* in the legend; NULL: none */
  const char *color; /* "#0072b2"; NULL: the next one of the palette */
  int shade, shades; /* one of an ordered family, coloured by the map; shades 0: of none */
  double size;       /* of lines and points: 1 is usual */
  bool faint, dashed;
} Mark;

typedef struct Axis {
  const char *label; /* NULL: none */
  Dim dim;
  Where at;   /* what gave it its dimension */
  bool taken; /* it has a dimension */
  bool log;
  bool whole; /* counts or indices: no ticks between whole numbers */
  bool tight; /* no room around the data */
  bool zero;  /* begins at zero */
  bool ranged;
  double lo, hi; /* the range, if `ranged` */
} Axis;

/* A matrix as cells of colour: row 0 lies lowest. */
typedef struct Image {
  const double *at;
  int64_t rows, cols, row_stride, col_stride;
  double x0, x1, y0, y1; /* the outer edges */
} Image;

typedef VEC(Mark) Marks;

/* A stretch of the x axis with a name. */
typedef struct Stretch {
  double lo, hi;
  const char *name;
} Stretch;

typedef VEC(Stretch) Stretches;

typedef struct Axes {
  Axis x, y, z; /* z: what colours say */
  Image *image; /* NULL: none */
  Marks marks;
  Stretches stretches;            /* every second is shaded */
  bool stretches_named;           /* above the axes */
  const char *title, *note, *map; /* NULL: none; map NULL: the one that suits */
  bool partial; /* in rehearsal: marks are missing, as their numbers are not known yet */
} Axes;

typedef struct Figure Figure;
struct Figure {
  Axes *axes; /* NULL: a grid of parts */
  Figure **part;
  int nparts, columns;
  bool shared;       /* a grid whose panels have one x axis in common: the lowest has the labels */
  const char *title; /* of a grid */
  double width, height; /* in px of 1/96 inch; 0: as suits */
  bool used;            /* part of another figure */
  Where at;
  const Ast *section;  /* the analysis that made it, or NULL */
  const Value **shown; /* what was to be drawn, [nshown] */
  int nshown;
  const char *name; /* of its files; set when the run is over, or before by what it shows */
};

/* Makes the functions of figure.def known; to be called before any evaluator is made. */
void figures_register(void);

/* ---- figure.c: making figures ---- */

Figure *figure_new(Ev *ev, Call *c); /* with axes */
Figure *figure_grid(Ev *ev, Call *c, Figure *const *parts, int n, int columns);
Value *figure_value(Ev *ev, Figure *f); /* takes note of it for the report */
Figure *figure_of(const Value *v);      /* NULL: not a figure */
/* The axis takes a quantity of this dimension. False: reported, as it has another one. */
bool axis_take(Ev *ev, Axis *axis, const char *which, Dim d, Where at);
Mark *mark_add(Ev *ev, Axes *axes, MarkKind kind, int64_t n, Column x, Column y);
/* What the text of an argument is called: "x" for `run.E.x[:, 0]`, "time" for `run.t`; NULL if it
   is no name. */
const char *figure_name_of(Ev *ev, Where at);
/* The extent of finite values; false: there are none. With `positive`, of those above 0. */
bool column_extent(const Column *c, int64_t n, bool positive, double *lo, double *hi);

/* ---- figure_options.c: what all figures take ---- */

typedef struct FigureOptions {
  Call *c;
  int first; /* the argument that `title` is */
  const char *title, *x, *y, *note;
  bool log_x, log_y, log_z;
  const char **label, **color;
  int nlabels, ncolors;
  const char *map;
  Value *color_by; /* numbers, one for each point */
  double size, width, height;
} FigureOptions;

enum {
  OPTION_TITLE,
  OPTION_X,
  OPTION_Y,
  OPTION_LOG,
  OPTION_LABELS,
  OPTION_COLOR,
  OPTION_SIZE,
  OPTION_X_RANGE,
  OPTION_Y_RANGE,
  OPTION_NOTE
};
#define FIGURE_OPTIONS                                                                       \
  "title = none, x = none, y = none, log = none, labels = none, color = none, size = none, " \
  "x_range = none, y_range = none, note = none"

/* False: reported. */
bool figure_options_read(Ev *ev, Call *c, int first, FigureOptions *o);
/* To be called once all marks are there. */
bool figure_options_apply(Ev *ev, const FigureOptions *o, Figure *f);

/* ---- figure_record.c, figure_curve.c ---- */

/* What a record is about: the quantities of a run, the fields of a sweep. NULL: reported. */
Figure *figure_of_record(Ev *ev, Call *c, const Value *record, Where at);
/* figure_trial.c: inputs, outputs and targets of the first trial of an evaluation. */
Figure *figure_of_trial(Ev *ev, Call *c, const Value *record, Where at);
/* figure_branch.c: a branch of `continuation`, by its first state. NULL: reported. */
Figure *figure_of_branch(Ev *ev, Call *c, const Value *branch, Where at);
/* figure_analysis.c: the natural figure of an analysis. False: the record is of none that has one;
 *out NULL: reported. */
bool figure_of_analysis(Ev *ev, Call *c, const Value *record, Where at, Figure **out);
/* What it shows, as in "limit cycle"; NULL: the record is of none. */
const char *figure_analysis_name(const Value *record);
/* One trial of a task: what comes in, and its targets with their masks. */
Figure *figure_of_task(Ev *ev, Call *c, const Value *record, Stretches phases, Where at);
/* figure_task.c: one trial of each task that a verb used; may be called again. */
void figure_tasks(Ev *ev);
/* figure_result.c: trainings and analyses that the model does not draw; may be called again. */
void figure_results(Ev *ev);
/* Curves of y over x (NULL: over the index), one for each column. False: reported. */
bool curves_add(Ev *ev, Axes *axes, const Value *x, Where x_at, const Value *y, Where y_at,
                MarkKind kind);
/* The cells of a matrix; with `across` its rows go to the right. */
bool image_add(Ev *ev, Axes *axes, const Value *a, Where at, bool across);

#define FIGURE(name, signature, doc) BuiltinFn figure_##name;
#include "report/figure.def"
#undef FIGURE

#endif
