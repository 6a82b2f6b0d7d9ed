// Warp operations: each lane of the mask waits until all of them ask for the same operation, then all get a result.
enum { SHUFFLE_UP, SHUFFLE_DOWN, SHUFFLE_BFLY, SHUFFLE_IDX, VOTE_BALLOT, VOTE_ANY, VOTE_ALL, VOTE_UNI, MATCH_ANY, MATCH_ALL,
       REDUCE_ADD, REDUCE_MIN, REDUCE_MAX, REDUCE_UMIN, REDUCE_UMAX, REDUCE_AND, REDUCE_OR, REDUCE_XOR, ELECT, SYNC };

static u64 warp_operation(Thread *t, int operation, u64 value, u32 lane, u32 clamp, u32 mask, int line) {
  if (!(mask >> t->lane & 1)) { fault(t, MASK_OMITS_CALLER, line, mask, t->lane); return value; }
  t->state = AT_WARP; t->operation = operation; t->value = value; t->lane_operand = lane; t->clamp = clamp; t->mask = mask; t->line = line;
  yield_to_scheduler(t);
  return t->result;
}
static u32 active_mask(Thread *t) {
  u32 mask = 0;
  for (u32 i = t->warp * WARP; i < (u32)t->owner->count && i < (t->warp + 1) * WARP; i++)
    if (t->owner->threads[i].state != DONE) mask |= 1u << (i % WARP);
  return mask;
}
static u32 reduced(int operation, u32 a, u32 b) {
  switch (operation) {
    case REDUCE_ADD: return a + b;
    case REDUCE_MIN: return (s32)a < (s32)b ? a : b;
    case REDUCE_MAX: return (s32)a > (s32)b ? a : b;
    case REDUCE_UMIN: return a < b ? a : b;
    case REDUCE_UMAX: return a > b ? a : b;
    case REDUCE_AND: return a & b;
    case REDUCE_OR: return a | b;
    default: return a ^ b;
  }
}
// PTX ISA, "shfl.sync": which lane is read, and whether it lies in the segment.
static int shuffle_source(Thread *t, int lane, int *inside) {
  const int operand = t->lane_operand & 31, segment = t->clamp >> 8 & 31, clamp = t->clamp & 31;
  const int limit = (lane & segment) | (clamp & ~segment);
  int source = lane;
  switch (t->operation) {
    case SHUFFLE_UP: source = lane - operand; *inside = source >= limit; break;
    case SHUFFLE_DOWN: source = lane + operand; *inside = source <= limit; break;
    case SHUFFLE_BFLY: source = lane ^ operand; *inside = source <= limit; break;
    default: source = (lane & segment) | (operand & ~segment); *inside = source <= limit;
  }
  return *inside ? source : lane;
}
static void shuffle(Thread *lanes, int lane, u32 mask) {
  Thread *t = &lanes[lane];
  int inside, source = shuffle_source(t, lane, &inside);
  if (!(mask >> source & 1)) { fault(t, SHUFFLE_OUTSIDE_MASK, t->line, mask, source); source = lane; }
  t->result = lanes[source].value; t->flag = inside;
}
static void answer(Thread *lanes, u32 mask) {
  const int leader = __builtin_ctz(mask), operation = lanes[leader].operation;
  u32 ballot = 0, total = 0; int all_equal = 1;
  for (int l = leader; l < WARP; l++) if (mask >> l & 1) {
    if (lanes[l].value) ballot |= 1u << l;
    if (lanes[l].value != lanes[leader].value) all_equal = 0;
    total = l == leader ? (u32)lanes[l].value : reduced(operation, total, lanes[l].value);
  }
  for (int l = leader; l < WARP; l++) if (mask >> l & 1) {
    Thread *t = &lanes[l];
    switch (operation) {
      case SHUFFLE_UP: case SHUFFLE_DOWN: case SHUFFLE_BFLY: case SHUFFLE_IDX: shuffle(lanes, l, mask); break;
      case VOTE_BALLOT: t->result = ballot; break;
      case VOTE_ANY: t->result = ballot != 0; break;
      case VOTE_ALL: t->result = ballot == mask; break;
      case VOTE_UNI: t->result = ballot == mask || !ballot; break;
      case MATCH_ANY: t->result = 0;
        for (int k = 0; k < WARP; k++) if (mask >> k & 1 && lanes[k].value == t->value) t->result |= 1u << k;
        break;
      case MATCH_ALL: t->result = all_equal ? mask : 0; t->flag = all_equal; break;
      case ELECT: t->result = leader; t->flag = l == leader; break;
      default: t->result = total;
    }
  }
}
// Whether every lane of t's mask waits for t's operation. Lanes that can never come are reported and dropped.
static int complete(Block *b, Thread *t, u32 *mask) {
  Thread *lanes = &b->threads[t->warp * WARP];
  const int present = b->count - (int)t->warp * WARP;
  for (int l = 0; l < WARP; l++) if (*mask >> l & 1) {
    if (l >= present || lanes[l].state == DONE) { fault(t, MASK_NAMES_EXITED, t->line, *mask, l); *mask &= ~(1u << l); continue; }
    if (lanes[l].state != AT_WARP || lanes[l].operation != t->operation || lanes[l].mask != t->mask) return 0;
  }
  return 1;
}
static int release_warps(Block *b) {
  int released = 0;
  for (int i = 0; i < b->count; i++) {
    Thread *t = &b->threads[i], *lanes = &b->threads[t->warp * WARP];
    if (t->state != AT_WARP) continue;
    u32 mask = t->mask;
    const int ready = complete(b, t, &mask);
    for (int l = 0; l < WARP && mask != t->mask; l++) if (mask >> l & 1 && lanes[l].state == AT_WARP && &lanes[l] != t && lanes[l].mask == t->mask) lanes[l].mask = mask;
    t->mask = mask;
    if (!ready) continue;
    answer(lanes, mask);
    for (int l = 0; l < WARP; l++) if (mask >> l & 1) { lanes[l].state = RUNNING; lanes[l].step++; released = 1; }
  }
  return released;
}
