/* plan.h: the parts of a Program, and what the steps of planning share; private to src/run.

   A program is a list of units in order. A unit is a group of elementwise nodes over one iteration
   space (tiles, or register code if all are single numbers), one op kernel, one product with a
   packed matrix, or a copy. Arrays are found through a table of base addresses: inputs, outputs,
   then buffers and constants; inputs and outputs are entered when a run begins. */
#ifndef DYN_RUN_PLAN_H
#define DYN_RUN_PLAN_H

#include "run/kernel.h"
#include "run/panel.h"
#include "run/run.h"
#include "run/scalar.h"
#include "run/strided.h"

typedef struct Place {
  int base;
  int64_t offset; /* in elements */
} Place;

/* ---- Units ---- */

typedef struct TileOp {
  TileFn *fn;
  uint32_t out, a, b, c; /* places in the table of pointers: slots, then externals */
} TileOp;

/* An array outside of the tile, walked along the group's axes. */
typedef struct TileExternal {
  Place at;
  int64_t stride[SHAPE_MAX_AXES]; /* along the group's collapsed axes */
  int load;                       /* slot into which it is copied tile by tile; -1: read in place */
  bool moves;                     /* else it is one number for the whole line */
} TileExternal;

typedef struct TileUnit {
  int rank; /* collapsed axes; tiles are cut from the last */
  int64_t n[SHAPE_MAX_AXES];
  int64_t count;
  int width;    /* elements in a tile */
  bool by_line; /* lines of n[rank - 1] elements; else all elements are one line */
  bool loads;   /* is any external copied into a slot? */
  int nslots, nops, nexternals;
  TileOp *ops;
  uint16_t *names; /* OpId of each, for printing */
  TileExternal *externals;
  void **pointer; /* [nslots + nexternals]; the slots are set */
} TileUnit;

typedef struct ScalarUnit {
  ScalarCode code;
  double *reg;
  int nreg;
  int nload, nstore;
  ScalarPort *load, *store; /* registers to and from memory */
  int runs;                 /* until it is worth translating */
} ScalarUnit;

typedef struct CallUnit {
  OpId op;
  KernCall call;
  Place *in, out;
  const void **pointer; /* of the arguments */
} CallUnit;

typedef struct ProductUnit {
  PanelCall call;
  Place a, out;
} ProductUnit;

typedef struct CopyUnit {
  Strided strides;
  Place from, to;
} CopyUnit;

typedef enum UnitKind { UNIT_TILES, UNIT_SCALARS, UNIT_CALL, UNIT_PRODUCT, UNIT_COPY } UnitKind;

typedef struct Unit {
  UnitKind kind;
  union {
    TileUnit tiles;
    ScalarUnit scalars;
    CallUnit call;
    ProductUnit product;
    CopyUnit copy;
  } as;
} Unit;

/* A packed copy of an input, made anew when a run or a scan begins. */
typedef struct HeldPack {
  Place from;
  bool transposed;
  int64_t k, n;
  int width;
  void *data;
} HeldPack;

struct Program {
  Arena *arena;
  bool single;
  Status failed; /* a constant part could not be computed */
  int nin, nout, nbase;
  Shape *in_shape, *out_shape;
  char **base; /* inputs, outputs, buffers and constants */
  Unit *units;
  int nunits;
  VEC(HeldPack) held;
  void *work; /* shared scratch memory of the kernels */
  size_t bytes;
  bool all_scalar;   /* one scalar unit does everything, element by element */
  uint16_t *in_reg;  /* then: the registers of all elements of inputs, SCALAR_NONE if not read, */
  uint16_t *out_reg; /* and of outputs; */
  struct ScalarScan *scan;       /* what its last scan left for the next, or NULL */
  int64_t *in_first, *out_first; /* where those of each begin, and their number at the end */
};

/* ---- Planning ---- */

typedef enum PlanKind {
  PLAN_INPUT,
  PLAN_CONST,
  PLAN_ELEMENT, /* elementwise */
  PLAN_CALL,
  PLAN_HELD, /* a packed copy of an input, made when a run begins */
  PLAN_VIEW, /* an array seen through strides; costs nothing */
  PLAN_COPY  /* a view written out, since somebody needs it dense */
} PlanKind;

/* What a PLAN_COPY copies. */
typedef struct PlanSource {
  NodeId root;
  int64_t offset, stride[SHAPE_MAX_AXES];
} PlanSource;

typedef struct PlanNode {
  PlanKind kind;
  bool varies; /* depends on an input */
  bool dense;  /* the view is row-major without gaps */
  bool stored; /* its array is in memory (else it lives in tiles only) */
  bool is_output;
  NodeId root; /* whose array it is; itself unless a view */
  int64_t count, offset;
  int64_t stride[SHAPE_MAX_AXES]; /* of the view, along its own axes */
  PlanSource *source;
  int stage, variant; /* see plan_group.c */
  int unit, last;     /* the unit that makes it, the last one that reads it */
  Place place;        /* of a root that is stored, an input or a constant */
} PlanNode;

/* A run of nodes in `order` that becomes one unit. */
typedef struct PlanUnit {
  int first, n;
} PlanUnit;

/* A packed copy of a constant matrix. */
typedef struct PlanPacked {
  NodeId pack;
  int width;
  void *data;
} PlanPacked;

typedef struct Plan {
  Arena *arena;
  const GraphFn *f; /* what is planned: of an all_scalar program, outputs element by element */
  const Graph *g;
  Program *p;
  PlanNode *nodes;
  NodeId *order; /* computed nodes, unit by unit */
  int norder;
  PlanUnit *units;
  int nunits;
  VEC(char *) bases;
  int *on_base;                   /* of each base: the first of a unit's arrays there; -1: none */
  int constant_base, buffer_base; /* bases of constants, then of buffers, begin here */
  VEC(PlanPacked) packed;
  Tensor **value; /* of constant nodes that somebody reads */
  bool *out_done; /* outputs that their node writes itself */
  size_t work;    /* bytes of scratch memory */
} Plan;

static inline const Node *plan_node(const Plan *p, NodeId id) {
  return &p->g->nodes.at[id];
}

Shape plan_squeeze(Shape s);                      /* without axes of one element */
void plan_views(Plan *p);                         /* kinds, views, what varies */
void plan_groups(Plan *p);                        /* units in their order, what is stored */
void plan_constants(Plan *p);                     /* the values of what no input changes */
NodeId plan_unpacked(const Plan *p, NodeId pack); /* whose value a constant `pack` packs */
void plan_places(Plan *p);                        /* where arrays are */
int plan_add_base(Plan *p, const void *data);
Place plan_place(const Plan *p, NodeId id); /* of a node's first element, views included */

void *plan_owned(Plan *p, size_t bytes); /* freed with the program */

void plan_tile_unit(Plan *p, const PlanUnit *u, TileUnit *out);
void plan_scalar_unit(Plan *p, const PlanUnit *u, ScalarUnit *out);

/* ---- Running ---- */

static inline char *program_address(const Program *p, Place at) {
  return p->base[at.base] + at.offset * (int64_t)real_size(p->single);
}

void exec_tiles(const Program *p, const TileUnit *u);
Status exec_units(Program *p);
void exec_pack_held(const Program *p); /* once the inputs' addresses are entered */

#endif
