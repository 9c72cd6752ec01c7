/* api.h: what a Dyn is made of; shared by the files of this folder only. */
#ifndef DYN_API_API_H
#define DYN_API_API_H

#include "base/ranks.h"
#include "compare/comparison.h"
#include "dyn.h"
#include "lang/eval.h"
#include "report/report.h"

/* A declaration of the standard library. */
typedef struct LibraryItem {
  const char *name;   /* "std.neurons.lif" */
  const char *module; /* "neurons" */
  const Ast *tree;
} LibraryItem;

/* Three arenas for three lifetimes: the Dyn itself, the text that is loaded, and the last check or
   run. */
struct Dyn {
  Arena *arena, *text, *work;
  Source *source;   /* NULL: nothing is loaded */
  Ast *file;        /* NULL: it could not be read */
  const char *path; /* of the model's file; NULL: it came from memory */
  Map sets;         /* parameters set from outside, to const char * */
  uint64_t seed;
  int workers;
  bool fail_fast;
  const Ranks *ranks; /* of an MPI launcher; NULL: none */
  double memory;
  const char *output, *cache; /* folders, or NULL */
  bool fresh;
  int part_number, part_of;  /* of sweeps, a run computes this share; of = 0: all */
  const char **parts;        /* the folders of those that are put together */
  int nparts;                /* 0: none are */
  const char *parts_machine; /* see run/identity.h */
  const char *command;       /* NULL: none was given */
  Map elsewhere;             /* files that are read from another place (Ev) */
  double nudge;              /* of a run that tells how it answers to rounding (Ev) */
  uint64_t nudge_key;
  bool bare;             /* no figures, no report */
  Comparison comparison; /* the last; its arena is `work` */
  DynCallbacks on;
  VEC(LibraryItem) library; /* empty until it is asked for */
  DiagList diag;
  const Diag *shown; /* the last diagnostic that was given to the callback */
  Ev ev;             /* of the last check or run; its arena is `work` */
};

/* Starts anew: an evaluator with the options of d, no diagnostics. */
void api_begin(Dyn *d);
/* Gives diagnostics that were added since the last call to the callback. */
void api_show_diagnostics(Dyn *d);
/* The status that errors stand for: DYN_OK if there are none. */
DynStatus api_error_status(const DiagList *diag);
/* Gives the evaluator what earlier runs have kept, and afterwards keeps the cache within bounds. */
void api_open_cache(Dyn *d);
void api_close_cache(Dyn *d);
/* Forgets the model. */
void api_unload(Dyn *d);
/* Rehearses the file. */
DynStatus api_rehearse(Dyn *d);
/* Runs the file; info->seconds is set. */
DynStatus api_perform(Dyn *d, RunInfo *info);

#endif
