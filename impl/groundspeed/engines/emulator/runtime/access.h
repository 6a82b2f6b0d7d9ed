// Memory accesses: GLOBAL, SHARED, LOCAL and GENERIC(thread, address, bytes, access, line) give a C pointer.
// With CHECK they first test bounds, alignment and, for shared memory, races between two barriers.
static inline int is_shared(Thread *t, u64 a) { return a - (u64)t->shared < t->launch->shared_bytes; }
static inline int is_local(Thread *t, u64 a) {
  for (int i = t->local_count - 1; i >= 0; i--) if (a >= t->locals[i].low && a < t->locals[i].high) return 1;
  return 0;
}
static inline int is_global(Thread *t, u64 a) { return !is_shared(t, a) && !is_local(t, a); }

#ifndef CHECK
#define GLOBAL(t, a, n, access, line) ((char *)(a))
#define GENERIC GLOBAL
#define LOCAL GLOBAL
#define SHARED(t, a, n, access, line) (t->shared + (u32)(a))
#else
#define GLOBAL(t, a, n, access, line) check_global(t, a, n, access, line)
#define GENERIC(t, a, n, access, line) check_generic(t, a, n, access, line)
#define LOCAL(t, a, n, access, line) check_local(t, a, n, line)
#define SHARED(t, a, n, access, line) check_shared(t, a, n, access, line)

// Where a faulty access goes instead, so that the kernel can run on and report more.
static __thread char nowhere[64] __attribute__((aligned(64)));
static char *divert(Thread *t, int kind, int line, s64 a, s64 b) { fault(t, kind, line, a, b); memset(nowhere, 0, 64); return nowhere; }

static s64 distance(Launch *l, u64 a) {
  s64 best = INT64_MAX;
  for (u64 i = 0; i < l->range_count; i++) {
    s64 d = a < l->ranges[i].low ? (s64)(a - l->ranges[i].low) : (s64)(a - l->ranges[i].high);
    if (llabs(d) < llabs(best)) best = d;
  }
  return best;
}
static inline char *check_global(Thread *t, u64 a, int n, Access access, int line) {
  Launch *l = t->launch;
  for (u64 i = 0; i < l->range_count; i++)
    if (a >= l->ranges[i].low && a + n <= l->ranges[i].high) {
      if (a % n) return divert(t, GLOBAL_MISALIGNED, line, a % n, n);
      if (access != READ && !l->ranges[i].writable) return divert(t, READ_ONLY, line, 0, n);
      return (char *)a;
    }
  return divert(t, access == READ ? GLOBAL_READ : GLOBAL_WRITE, line, distance(l, a), n);
}
static inline char *check_local(Thread *t, u64 a, int n, int line) {
  if (is_local(t, a) && is_local(t, a + n - 1)) return (char *)a;
  return divert(t, LOCAL_BOUNDS, line, 0, n);
}

enum { ATOMICALLY = 0xffffffff, MANY = 0xfffffffe };
static void check_race(Thread *t, Shadow *s, u32 offset, Access access, int line) {
  const u32 now = t->owner->epoch, me = t->index + 1, my_warp = t->warp + 1;
  const int writer_in_warp = s->writer != ATOMICALLY && (s->writer - 1) / WARP == t->warp;
  if (s->write_epoch == now && s->writer != me && !(access == ATOMIC && s->writer == ATOMICALLY)
      && !(writer_in_warp && s->write_step != t->step))
    fault(t, access == READ ? READ_AFTER_WRITE : WRITE_AFTER_WRITE, line, offset, s->writer == ATOMICALLY ? -1 : (s64)s->writer - 1);
  if (access != READ && s->read_epoch == now && s->reader != me && !(s->read_warp == my_warp && s->read_step != t->step))
    fault(t, WRITE_AFTER_READ, line, offset, s->reader == MANY ? -1 : (s64)s->reader - 1);
  if (access != READ) { s->writer = access == ATOMIC ? ATOMICALLY : me; s->write_epoch = now; s->write_step = t->step; return; }
  const int first = s->read_epoch != now;
  s->reader = first || s->reader == me ? me : MANY;
  s->read_warp = first || s->read_warp == my_warp ? my_warp : MANY;
  s->read_epoch = now; s->read_step = t->step;
}
static inline char *check_shared(Thread *t, u64 offset, int n, Access access, int line) {
  if (offset + n > t->launch->shared_bytes || offset + n < offset) return divert(t, SHARED_BOUNDS, line, offset, t->launch->shared_bytes);
  if (offset % n) return divert(t, SHARED_MISALIGNED, line, offset, n);
  if (t->owner) for (u64 cell = offset / SHADOW_BYTES; cell <= (offset + n - 1) / SHADOW_BYTES; cell++)
    check_race(t, &t->owner->shadow[cell], cell * SHADOW_BYTES, access, line);
  return t->shared + offset;
}
static inline char *check_generic(Thread *t, u64 a, int n, Access access, int line) {
  if (is_local(t, a)) return check_local(t, a, n, line);
  if (is_shared(t, a)) return check_shared(t, a - (u64)t->shared, n, access, line);
  return check_global(t, a, n, access, line);
}
#endif

// Entering and leaving a function: its local variables become addressable, and stop to be.
#define ENTER const int locals_before = t->local_count; u32 CC = 0; (void)CC;
#define LEAVE do { t->local_count = locals_before; return; } while (0)
#define DECLARE_LOCAL(variable) do { if (t->local_count < MAX_LOCALS) { Range *r_ = &t->locals[t->local_count++]; \
  r_->low = (u64)(variable); r_->high = r_->low + sizeof variable; } } while (0)
