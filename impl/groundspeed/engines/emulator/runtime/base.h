// Types shared by translated kernels and the runtime: a launch, a thread, a block, a fault.
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64; typedef unsigned __int128 u128;
typedef int8_t s8; typedef int16_t s16; typedef int32_t s32; typedef int64_t s64; typedef __int128 s128;
typedef float f32; typedef double f64; typedef u8 pred;

// Keep in the order of KINDS in faults.py.
enum { GLOBAL_READ, GLOBAL_WRITE, READ_ONLY, GLOBAL_MISALIGNED, SHARED_BOUNDS, SHARED_MISALIGNED, LOCAL_BOUNDS,
       READ_AFTER_WRITE, WRITE_AFTER_READ, WRITE_AFTER_WRITE, BARRIER_EXITED, BARRIER_DIFFERENT,
       MASK_OMITS_CALLER, MASK_NAMES_EXITED, SHUFFLE_OUTSIDE_MASK, DEADLOCK, TRAP };
enum { MAX_FAULTS = 64, MAX_LOCALS = 64, WARP = 32 };
typedef enum { READ, WRITE, ATOMIC } Access;

typedef struct { u64 low, high; u64 writable; } Range;
typedef struct { s32 kind, line; u32 block[3], thread[3]; s64 a, b; } Fault;
typedef struct {                     // the same layout as Launch in launch.py
  u32 grid[3], block[3];
  u32 shared_bytes, seed;
  u64 range_count; Range *ranges;
  char *arguments;
  u64 fault_count; Fault faults[MAX_FAULTS];
} Launch;

typedef enum { RUNNING, AT_BARRIER, AT_WARP, DONE } State;
typedef struct Block Block;
typedef struct Thread {
  u32 thread[3], block[3];           // threadIdx, blockIdx
  u32 index, lane, warp;
  char *shared;
  Launch *launch;
  Block *owner;                      // null where threads run one after another
  int local_count; Range locals[MAX_LOCALS];
  State state; int line;             // what it waits for, and at which PTX line
  int operation; u64 value; u32 lane_operand, clamp, mask;   // of a warp operation
  u64 result; u32 flag;
  u32 votes, voters;                 // of a barrier with a vote
  u32 step;                          // warp operations so far: they order shared accesses within a warp
  void *context;
} Thread;
typedef struct { u32 writer, write_epoch, write_step, reader, read_warp, read_epoch, read_step; } Shadow;
struct Block { Thread *threads; int count; u32 epoch; Shadow *shadow; };

static void fault(Thread *t, int kind, int line, s64 a, s64 b) {
  u64 k = __atomic_fetch_add(&t->launch->fault_count, 1, __ATOMIC_SEQ_CST);
  if (k >= MAX_FAULTS) return;
  Fault *f = &t->launch->faults[k];
  f->kind = kind; f->line = line; f->a = a; f->b = b;
  memcpy(f->block, t->block, sizeof f->block); memcpy(f->thread, t->thread, sizeof f->thread);
}
