/* dyn.h: the C interface of dynrun. A Dyn holds one model: its text, parameters, results and
   diagnostics. A typical use:

     Dyn *d = dyn_new();
     if (dyn_load_file(d, "model.dyn") == DYN_OK) {
       dyn_set_param(d, "g", "2");
       DynArray x;
       if (dyn_run(d) == DYN_OK && dyn_read(d, "run.x", &x)) use(x.data, x.shape, x.rank);
     }
     dyn_free(d);

   What a function returns belongs to the Dyn and lives until its next dyn_load_..., dyn_check or
   dyn_run, or dyn_free; texts of dyn_help, dyn_explain and dyn_reference live until dyn_free. What
   is given to a function is copied. Errors are told twice: by the status, and in words, with their
   place in the text, through the callback `diagnostic`. After an error a Dyn can be used again.

   A process may hold any number of Dyns, which share nothing but tables that never change; all of
   them are to be used by one thread at a time, since the libraries beneath, HDF5 for one, allow no
   more. GSL's error handler is set for the whole process. `pkg-config --cflags --libs dyn` says how
   to compile and link; examples/c holds a program. */
#ifndef DYN_H
#define DYN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DYN_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default) /* all else in the library is hidden */
#endif

typedef struct Dyn Dyn;

/* How something ended; dynrun's exit status. */
typedef enum DynStatus {
  DYN_OK = 0,
  DYN_CLAIM_FAILED = 1, /* an `expect` does not hold */
  DYN_DIFFERENT = 1,    /* dyn_verify, dyn_diff: something differs */
  DYN_USAGE = 2,        /* a parameter that does not exist, or a value that does not suit it */
  DYN_MODEL_ERROR = 3,  /* an error in the model's text */
  DYN_NUMERICAL = 4,    /* a statement failed numerically; the others were run */
  DYN_IO = 5,           /* a file could not be read or written */
  DYN_INTERRUPTED = 130 /* the `cancelled` callback said so; no earlier result was touched */
} DynStatus;

/* Fixes the kernels and those of OpenBLAS for the whole process, so that every x86-64 machine with
   AVX2 and FMA (x86-64-v3) gives the same bits; to be called before anything else. NULL, or why it
   cannot be done: OpenBLAS looks at the variable OPENBLAS_CORETYPE, which must be Haswell, when the
   process starts. */
const char *dyn_make_portable(void);

/* The version of the library, DYN_VERSION of the header that it was built with. */
const char *dyn_version(void);

/* A new, empty Dyn. Never NULL: out of memory ends the process with a message. */
Dyn *dyn_new(void);
/* Frees it and all that it returned. NULL is allowed. */
void dyn_free(Dyn *d);

/* ---- Set up ---- */

/* Reads a model in place of the one before: DYN_OK, DYN_IO or DYN_MODEL_ERROR (its grammar is
   wrong). Parameters and options set before stay; callbacks should be set before. */
DynStatus dyn_load_file(Dyn *d, const char *path);
/* The same from memory: `len` bytes. `name` stands for the file in messages; imports and data files
   are looked for in its folder. */
DynStatus dyn_load_text(Dyn *d, const char *name, const char *text, size_t len);

/* Reads the model that all these folders hold parts of, with the parameters and the seed that they
   were run with; dyn_run then takes their points and computes the rest. DYN_USAGE: they do not
   belong together, some are missing, or a file that they read has changed. */
DynStatus dyn_load_parts(Dyn *d, const char *const *folders, size_t n);

/* Sets a parameter, as `-p NAME=VALUE` does: `value` is an expression such as "5 ms", or NULL for
   the default again. It is checked when the model is checked or run. */
void dyn_set_param(Dyn *d, const char *name, const char *value);
/* The run's seed; 0 unless set. */
void dyn_set_seed(Dyn *d, uint64_t seed);
/* How many processes a sweep may use; 0, the default, stands for the number of cores. */
void dyn_set_workers(Dyn *d, int workers);
/* Joins the processes that an MPI launcher has started together with this one: dyn_run then spreads
   sweeps over all of them. `module` is the path of libdyn-mpi.so. Every process must load the same
   model with the same options and call dyn_run as often; all compute, but only the first, that of
   dyn_rank 0, calls back and writes results. Once in a process; dyn_free waits for the others.
   False: *why says why not. */
bool dyn_join(Dyn *d, const char *module, const char **why);
int dyn_rank(const Dyn *d); /* of dyn_join, else 0 */
/* Does a sweep end at its first point that fails? If not, which is the default, the point is
   recorded with its message, and the sweep goes on. */
void dyn_set_fail_fast(Dyn *d, bool fail_fast);
/* How many bytes the record of one simulation may take in memory; a larger one is streamed to
   results.h5 while it is made. 0, the default, stands for half of the memory that is free. */
void dyn_set_memory(Dyn *d, double bytes);
/* The folder for results.h5 and run.json, or NULL, the default, for none. It is written beside
   and renamed into place when the run is over, so that an earlier one is never spoilt. */
void dyn_set_output(Dyn *d, const char *folder);

/* The folder of the cache, or NULL, the default, for none. Results of verbs that took long are kept
   there; a later run with the same call takes them, whatever else in the model has changed. Any
   number of processes may share it. */
void dyn_set_cache(Dyn *d, const char *folder);
/* True: everything is computed anew, and then kept. */
void dyn_set_fresh(Dyn *d, bool fresh);
/* The command line, for the record: its words are copied into results.h5 and run.json. */
void dyn_set_command(Dyn *d, int nwords, char *const *words);

/* Of each sweep, dyn_run computes part `number` (from 1) of so many, and what does not depend on a
   sweep; they go into the output folder in place of results. of = 0, the default: everything. */
void dyn_set_part(Dyn *d, int number, int of);

typedef enum DynStyle { DYN_STYLE_PLAIN, DYN_STYLE_COLOR, DYN_STYLE_JSON } DynStyle;

/* Called by the functions that take a Dyn *, on the thread that called these. Each may be NULL.
   Texts are valid during the call only. A callback may not use the Dyn that calls it. */
typedef struct DynCallbacks {
  /* An error or a warning, laid out in the style asked for, newline included. */
  void (*diagnostic)(void *ctx, const char *text);
  DynStyle style;
  /* What `print` and `table` show, newlines included; without it, nothing is shown. */
  void (*print)(void *ctx, const char *text);
  /* What is running, how much of it is done (0 to 1), and where it is ("t = 1.2 s"), often. */
  void (*progress)(void *ctx, const char *what, double done, const char *detail);
  /* Asked often; true ends the run soon, with DYN_INTERRUPTED. */
  bool (*cancelled)(void *ctx);
  void *ctx;
} DynCallbacks;

void dyn_set_callbacks(Dyn *d, const DynCallbacks *callbacks);

/* ---- Work ---- */

/* Checks the whole model, names, arguments, shapes and units, without running anything: DYN_OK,
   DYN_MODEL_ERROR, DYN_USAGE (a parameter), DYN_IO (an import or data) or DYN_INTERRUPTED. */
DynStatus dyn_check(Dyn *d);
/* Runs the model, writes nothing, and repeats each `simulate` of a continuous network at half its
   step or a tenth of its tolerances. A table of how much each recorded quantity changed goes to the
   `print` callback, in place of what the model prints. */
DynStatus dyn_converge(Dyn *d);
/* Checks the model, then runs it and writes the output folder, if there is one. With
   DYN_CLAIM_FAILED and DYN_NUMERICAL, what could be computed is there and was written. It may be
   called again and again; each time all is computed anew. Where it is interrupted while a record is
   streamed, what there is goes into the folder FOLDER.interrupted. */
DynStatus dyn_run(Dyn *d);

/* Runs the model as far as the cache and quick work go, writes nothing, and says of each call of a
   verb whether its result is in the cache, and what differs if it is not. NULL: there is no cache,
   or the model has errors, which are told. */
const char *dyn_cache_why(Dyn *d);
/* What the cache holds, an entry on each line. NULL: there is none. */
const char *dyn_cache_list(Dyn *d);
/* Removes what was used least recently until so many bytes are left. How many files went. */
size_t dyn_cache_prune(Dyn *d, double bytes);

/* ---- Results against others ---- */

/* What a file that a run left, or the results.h5 of its folder, says about its own run. */
typedef struct DynProvenance {
  const char *model, *version, *kernels; /* the model's file; of dynrun; "avx2", "" if not told */
  const char *command;                   /* its command line, or "" */
  uint64_t seed;
  bool portable;
} DynProvenance;
DynStatus dyn_provenance(Dyn *d, const char *path, DynProvenance *out);

/* Writes the model of such a file, and its data, into a folder that is new or empty; what was
   written, and the command that runs it as it was run, go to the `print` callback. */
DynStatus dyn_reproduce(Dyn *d, const char *path, const char *folder);
/* Runs the model of a results folder again, from what the folder holds, and compares everything
   that was recorded: DYN_OK, DYN_DIFFERENT, or why it could not be done. */
DynStatus dyn_verify(Dyn *d, const char *folder);
/* Compares two results folders, or two models (files that end in .dyn). */
DynStatus dyn_diff(Dyn *d, const char *first, const char *second);

/* One row of the last dyn_verify or dyn_diff. */
typedef struct DynCompared {
  const char *what, *name;      /* "result", "run/x"; "claim", its text */
  const char *verdict;          /* "same", "within tolerance", "same statistics", "different" ... */
  bool agrees;                  /* one of the first three */
  const char *first, *second;   /* as text; "" where there is nothing to show */
  double difference, tolerance; /* relative to the largest number; NAN: none */
  const char *note;             /* or "" */
} DynCompared;
bool dyn_compared(const Dyn *d, size_t i, DynCompared *out); /* false past the last */
/* All rows as a table (without those that are the same, if `all` is not set), or as JSON. */
const char *dyn_comparison(Dyn *d, bool all, bool json);

/* ---- What a model holds ---- */

typedef struct DynParam {
  const char *name;
  const char *doc;          /* its ## comment, or "" */
  const char *value, *dflt; /* as text, with unit: "5 ms" */
  const char *lo, *hi;      /* its range as text, or NULL */
  bool set;                 /* set from outside? */
} DynParam;

/* The parameters in the order of the text; known after a check or a run. */
size_t dyn_param_count(const Dyn *d);
bool dyn_param(const Dyn *d, size_t i, DynParam *out); /* false: there is no such */

typedef struct DynClaim {
  const char *text; /* the condition as written */
  const char *why;  /* its reason, or "" */
  bool held;
  const char *expected, *found; /* of a claim that does not hold; "" where there is none */
  const char *file;
  int line;
} DynClaim;

/* The claims (`expect`) that a run reached, in order. */
size_t dyn_claim_count(const Dyn *d);
bool dyn_claim(const Dyn *d, size_t i, DynClaim *out);

/* A table that the run has shown: its cells as text, those of the head first, then row by row. */
typedef struct DynTable {
  int64_t rows; /* the head not counted */
  int columns;
  const char *const *cell; /* (rows + 1) * columns of them */
} DynTable;

/* The i-th table of the last run, in order; of the first 1,000 texts and tables. False past the
   last. */
bool dyn_table(const Dyn *d, size_t i, DynTable *out);

typedef struct DynFigure {
  const char *name;  /* of its `let`, else "figure-1" and so on */
  const char *title; /* "" if it has none */
} DynFigure;

/* The figures of the last run that are part of no other, in order; at most 300. After a check,
   those of its tasks: a trial of each. */
size_t dyn_figure_count(Dyn *d);
bool dyn_figure(Dyn *d, size_t i, DynFigure *out); /* false: there is no such */
/* The i-th figure drawn, as the text of an SVG file. NULL, after a diagnostic, if there is no such
   or it cannot be drawn, which takes the program gnuplot. */
const char *dyn_figure_svg(Dyn *d, size_t i);

/* The paths of the files that the last load, check or run has read, or tried to: the model, what it
   imports (its own part of the standard library aside), data. NULL past the last. */
const char *dyn_file(const Dyn *d, size_t i);

/* The names of the results: of every `let` that a verb or analysis made. NULL past the last. */
const char *dyn_result_name(const Dyn *d, size_t i);

typedef struct DynArray {
  const double *data; /* row-major, in SI units; logical values are 0 and 1 */
  int rank;           /* 0: a single number */
  int64_t shape[8];
  const char *unit; /* "V", "S/m^2"; "1" for a plain number */
} DynArray;

/* Reads the array at a path of fields, such as "run.x" or "fit.0.loss" (0: the first of a list).
   False if there is none or it is no array. */
bool dyn_read(const Dyn *d, const char *path, DynArray *out);
/* Any value at a path as `print` shows it; NULL if there is none. */
const char *dyn_show(const Dyn *d, const char *path);

/* ---- Texts ---- */

/* Each function returns a text of the Dyn, or NULL after giving diagnostics (or, for explain and
   help, if there is nothing of the name). */

/* The model in the standard layout, comments kept. */
const char *dyn_format(Dyn *d);
/* The graph of each network whose arguments all have defaults: the equations as ops, then the
   planned program of one evaluation. */
const char *dyn_graph(Dyn *d);
typedef enum DynFormat { DYN_TEXT, DYN_MARKDOWN, DYN_LATEX } DynFormat;

/* The model of the last check as mathematics: parameters, equations, sizes, units, how weights are
   spread, and how each verb solves its network. `name`: one network, task, neuron, connectivity or
   function; NULL: all. */
const char *dyn_describe(Dyn *d, const char *name, DynFormat format);
/* The declarations of the loaded model, or of a module of the standard library ("std.neurons"), as
   their doc comments describe them. */
const char *dyn_document(Dyn *d, const char *module, DynFormat format);
/* The model of the last check and what it uses of its imports as one file, which runs with the same
   results. */
const char *dyn_flatten(Dyn *d);
/* What a diagnostic such as "E0213" means, with an example and its mend; with "" a list of all. */
const char *dyn_explain(Dyn *d, const char *code);
/* The i-th of all codes; NULL past the last. */
const char *dyn_code(Dyn *d, size_t i);
/* The signature and description of a function, verb, distribution, integrator, reserved word, unit
   or declaration of the standard library ("std.neurons.lif", "lif"); with "" a list of all names.
 */
const char *dyn_help(Dyn *d, const char *name);
/* The i-th of all names that dyn_help knows; NULL past the last. */
const char *dyn_name(Dyn *d, size_t i);
/* The known name nearest to one that dyn_help does not know, or NULL. */
const char *dyn_help_nearest(Dyn *d, const char *name);
/* A page of the reference in Markdown: "functions", "verbs"; NULL if there is no such page. */
const char *dyn_reference(Dyn *d, const char *page);
/* The name of the i-th page; NULL past the last. */
const char *dyn_reference_page(Dyn *d, size_t i);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
