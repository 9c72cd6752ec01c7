/* ast.h: the tree that the parser builds. One struct for every node: a kind, a span, a name or a
   text where the kind has one, and children. The comment of each kind says what its fields and
   children are; a child written `x?` may be NULL. Nothing in a tree is ever changed. */
#ifndef DYN_SYNTAX_AST_H
#define DYN_SYNTAX_AST_H

#include "base/source.h"

typedef enum AstKind {
  /* expressions */
  AST_NUMBER,        /* num (in SI), text: its digits as written, unit? without brackets */
  AST_STRING,        /* text (escapes resolved), n bytes in len */
  AST_BOOL,          /* num 0 or 1 */
  AST_NAME,          /* name */
  AST_UNARY,         /* op; kids: a */
  AST_BINARY,        /* op; kids: a, b */
  AST_APPROX,        /* a == b +- tol, op AOP_EQ or AOP_NE; kids: a, b, tol */
  AST_IF,            /* kids: condition, then, else */
  AST_LAMBDA,        /* kids: AST_PARAMETER..., body last */
  AST_CALL,          /* kids: callee, AST_ARG... */
  AST_INDEX,         /* kids: base, item... (an expression or AST_SLICE) */
  AST_SLICE,         /* kids: from?, to? */
  AST_FIELD,         /* name; kids: base */
  AST_ARRAY,         /* kids: elements */
  AST_COMPREHENSION, /* kids: body, AST_CLAUSE... */
  AST_RECORD,        /* kids: AST_ARG... (all named) */
  AST_BLOCK,         /* kids: statements; the last one of a value block is an expression */
  AST_SWEEP,         /* kids: AST_BLOCK, AST_CLAUSE... */
  /* parts */
  AST_ARG,       /* name? ; kids: value */
  AST_PARAMETER, /* name; kids: default? */
  AST_CLAUSE,    /* name; op AOP_LT: `i < N`, AOP_IN: `g in values`; kids: bound or values */
  AST_ITEM,      /* name; kids: value?, shape expression...; AST_DRAWN: value is right of ~;
                    AST_SHAPED: a shape was written (it may be []); AST_EVERY: every step */
  AST_UNPACK,    /* let (a, b) = value; kids: value, AST_NAME... */
  AST_PATH,      /* a name or E.x, left of = or +=, or in connect: name; text? is the second part */
  /* statements of a file or a block */
  AST_PARAM,        /* name; kids: value, lo?, hi? */
  AST_LET,          /* kids: AST_ITEM or AST_UNPACK ... */
  AST_FN,           /* name; kids: AST_PARAMETER..., body last */
  AST_NEURON,       /* name; kids: AST_PARAMETER..., AST_BLOCK last */
  AST_CONNECTIVITY, /* name; kids: AST_PARAMETER..., body last; AST_DRAWN: written with ~ */
  AST_NETWORK,      /* as AST_NEURON */
  AST_TASK,         /* as AST_NEURON */
  AST_ANALYSIS,     /* as AST_NEURON; the block's last statement is its value */
  AST_EXPECT,       /* text? the reason; kids: condition */
  AST_IMPORT, /* text: path or dotted name; AST_QUOTED: a file; name: what it is called here */
  AST_FROM,   /* text: path or dotted name; AST_QUOTED; kids: AST_NAME... */
  AST_EXPR,   /* kids: a call, or the last line of a block */
  /* statements of bodies */
  AST_STATE,      /* kids: AST_ITEM... */
  AST_INPUT,      /* kids: AST_ITEM... */
  AST_OUTPUT,     /* kids: AST_ITEM... (value NULL: `output x` alone) */
  AST_WEIGHT,     /* kids: AST_ITEM... */
  AST_NOISE,      /* kids: AST_ITEM... */
  AST_TARGET,     /* kids: AST_ITEM... */
  AST_DRAW,       /* kids: AST_ITEM... */
  AST_EQUATION,   /* coef * dNAME/dt = rhs; name; kids: coef?, rhs */
  AST_NEXT,       /* next NAME = rhs; name; kids: rhs */
  AST_ASSIGN,     /* kids: AST_PATH, value */
  AST_ADD,        /* path += value; kids: AST_PATH, value */
  AST_POPULATION, /* name; kids: unit (a name, field or call), size? */
  AST_CONNECT,    /* name? (its label); AST_TRAINABLE, AST_DRAWN; kids: AST_PATH from, AST_PATH to,
                     weights, AST_ARG options... */
  AST_WHEN,       /* name? ; kids: condition, AST_BLOCK of AST_ASSIGN, AST_ADD and AST_STOP */
  AST_STOP,       /* the event ends the run */
  AST_PHASE,      /* name; kids: length, AST_BLOCK */
  AST_MASK,       /* name; kids: value */
  AST_SCORE,      /* name; text? the phase; kids: value */
  AST_FILE,       /* kids: statements; num: the version of the language, 0 if not said */
  AST_KINDS
} AstKind;

typedef enum AstOp {
  AOP_NONE,
  AOP_ADD,
  AOP_SUB,
  AOP_MUL,
  AOP_DIV,
  AOP_MOD,
  AOP_POW,
  AOP_MATMUL,
  AOP_NEG,
  AOP_NOT,
  AOP_TRANSPOSE,
  AOP_AND,
  AOP_OR,
  AOP_EQ,
  AOP_NE,
  AOP_LT,
  AOP_LE,
  AOP_GT,
  AOP_GE,
  AOP_RANGE,
  AOP_IN
} AstOp;

enum {
  AST_DRAWN = 1,
  AST_SHAPED = 2,
  AST_EVERY = 4,
  AST_TRAINABLE = 8,
  AST_QUOTED = 16,
  AST_PARENS = 32, /* the expression stood in parentheses (fmt keeps them) */
  AST_BROKEN = 64, /* stands for an expression with an error, which was reported */
};

/* Trees higher than this are refused, so that every walk of a tree is bounded. */
enum { AST_MAX_HEIGHT = 1000 };

typedef struct Ast Ast;
struct Ast {
  uint8_t kind, op, flags;
  uint16_t height;
  uint32_t nkids;
  Span span;      /* the whole node */
  Span name_span; /* its name, where it has one */
  const char *name;
  const char *text;
  const char *unit;
  size_t len;
  double num;
  const char *doc; /* the `##` comment of a declaration, without its marks; lines joined by \n */
  const Source *src;
  Ast **kids;
};

const char *ast_kind_name(AstKind k);    /* "network", "call": for messages and dumps */
const char *ast_kind_article(AstKind k); /* "a", "an" */
const char *ast_op_text(AstOp op);       /* "+", "@", "and" */

#endif
