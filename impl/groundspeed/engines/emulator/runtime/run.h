// Running a grid: blocks are spread over CPU threads; the threads of a block run one after another, or as fibers.
// A seed other than 0 permutes the order of blocks, and of threads at every turn.
static u64 gcd(u64 a, u64 b) { return b ? gcd(b, a % b) : a; }
static u64 permuted(u64 k, u64 n, u64 seed) {
  if (!seed) return k;
  u64 mixed = (seed * 0x9e3779b97f4a7c15ull) ^ (seed >> 7), stride = mixed % n | 1;
  while (gcd(stride, n) != 1) stride += 2;
  return ((u128)k * stride + mixed / 3) % n;
}
static void place(Thread *t, Launch *l, Block *owner, char *shared, u64 block, u32 index) {
  t->launch = l; t->owner = owner; t->shared = shared; t->local_count = 0; t->state = RUNNING; t->step = 0;
  t->index = index; t->lane = index % WARP; t->warp = index / WARP;
  t->thread[0] = index % l->block[0]; t->thread[1] = index / l->block[0] % l->block[1]; t->thread[2] = index / (l->block[0] * l->block[1]);
  t->block[0] = block % l->grid[0]; t->block[1] = block / l->grid[0] % l->grid[1]; t->block[2] = block / ((u64)l->grid[0] * l->grid[1]);
}
static inline u32 threads_per_block(Launch *l) { return l->block[0] * l->block[1] * l->block[2]; }
static inline u64 blocks(Launch *l) { return (u64)l->grid[0] * l->grid[1] * l->grid[2]; }

static void run_in_turn(Kernel kernel, Launch *l) {
  const u64 n = blocks(l);
#pragma omp parallel
  {
    Thread t;
#pragma omp for schedule(dynamic, 4)
    for (u64 k = 0; k < n; k++)
      for (u32 i = 0; i < threads_per_block(l); i++) {
        place(&t, l, 0, 0, permuted(k, n, l->seed), permuted(i, threads_per_block(l), l->seed));
        kernel(&t, l->arguments);
      }
  }
}

static int release_barrier(Block *b) {
  int waiting = 0, done = 0; u32 votes = 0; Thread *first = 0, *other = 0;
  for (int i = 0; i < b->count; i++) {
    Thread *t = &b->threads[i];
    done += t->state == DONE;
    if (t->state != AT_BARRIER) continue;
    waiting++; votes += t->value != 0;
    if (!first) first = t; else if (t->line != first->line) other = t;
  }
  if (!waiting || waiting + done < b->count) return 0;
  if (done) fault(first, BARRIER_EXITED, first->line, waiting, b->count);
  if (other) fault(first, BARRIER_DIFFERENT, first->line, other->line, 0);
  for (int i = 0; i < b->count; i++) {
    Thread *t = &b->threads[i];
    if (t->state == AT_BARRIER) { t->state = RUNNING; t->votes = votes; t->voters = waiting; }
  }
  b->epoch++;
  return 1;
}
static void run_block(Block *b, u64 seed) {
  for (u64 turn = seed;; turn += seed ? 1 : 0) {
    int progress = 0, live = 0; Thread *stuck = 0;
    for (int k = 0; k < b->count; k++) {
      Thread *t = &b->threads[permuted(k, b->count, turn)];
      if (t->state == RUNNING) { progress = 1; resume(t); }
    }
    progress |= release_warps(b);
    progress |= release_barrier(b);
    for (int k = 0; k < b->count; k++) if (b->threads[k].state != DONE) {
      live++;
      if (!stuck || b->threads[k].state == AT_WARP) stuck = &b->threads[k];
    }
    if (!live) return;
    if (!progress) { fault(stuck, DEADLOCK, stuck->line, live, b->count); return; }
  }
}
static void run_as_fibers(Kernel kernel, Launch *l) {
  const u64 n = blocks(l); const u32 count = threads_per_block(l);
  const size_t stack = STACK_BYTES + CONTEXT_BYTES, cells = l->shared_bytes / SHADOW_BYTES + 2;
#pragma omp parallel
  {
    Block b = {.threads = calloc(count, sizeof(Thread)), .count = count, .shadow = calloc(cells, sizeof(Shadow))};
    char *stacks = malloc(stack * count), *shared = aligned_alloc(128, (l->shared_bytes / 128 + 1) * 128);
    current_kernel = kernel;
#pragma omp for schedule(dynamic, 1)
    for (u64 k = 0; k < n; k++) {
      const u64 block = permuted(k, n, l->seed);
      memset(shared, 0xA5, l->shared_bytes);                 // never zero: nobody may count on it
      b.epoch++;
      for (u32 i = 0; i < count; i++) { place(&b.threads[i], l, &b, shared, block, i); create_fiber(&b.threads[i], stacks + stack * i, stack); }
      run_block(&b, l->seed ? l->seed + block : 0);
    }
    free(b.threads); free(b.shadow); free(stacks); free(shared);
  }
}
