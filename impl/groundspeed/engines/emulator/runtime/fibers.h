// One fiber per CUDA thread of a block, so that a thread can wait in the middle of a kernel.
static __thread Thread *current;
typedef void (*Kernel)(Thread *, char *);
static __thread Kernel current_kernel;
static void yield_to_scheduler(Thread *t);

static void fiber_main(void) {
  Thread *t = current;
  current_kernel(t, t->launch->arguments);
  t->state = DONE;
  for (;;) yield_to_scheduler(t);
}

#if defined(__x86_64__) && !defined(PORTABLE_FIBERS)
// Save the callee-saved registers and the stack pointer, and take up those of the other side (System V ABI).
__attribute__((noinline, naked)) static void switch_stacks(void **save, void *to) {
  __asm__("push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n mov %rsp,(%rdi)\n"
          "mov %rsi,%rsp\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n ret\n");
}
static __thread void *scheduler;
static void yield_to_scheduler(Thread *t) { switch_stacks(&t->context, scheduler); }
static void resume(Thread *t) { current = t; switch_stacks(&scheduler, t->context); }
static void create_fiber(Thread *t, char *stack, size_t bytes) {
  void **top = (void **)(((u64)stack + bytes - 64) & ~63ull);
  *--top = 0; *--top = (void *)fiber_main;
  for (int saved = 0; saved < 6; saved++) *--top = 0;
  t->context = top;
}
enum { CONTEXT_BYTES = 0 };
#else
#include <ucontext.h>
static __thread ucontext_t scheduler;
static void yield_to_scheduler(Thread *t) { swapcontext((ucontext_t *)t->context, &scheduler); }
static void resume(Thread *t) { current = t; swapcontext(&scheduler, (ucontext_t *)t->context); }
enum { CONTEXT_BYTES = (sizeof(ucontext_t) + 63) / 64 * 64 };
static void create_fiber(Thread *t, char *stack, size_t bytes) {      // the context lies at the bottom of the stack
  ucontext_t *context = (ucontext_t *)(((u64)stack + 63) & ~63ull);
  getcontext(context);
  context->uc_stack.ss_sp = (char *)context + CONTEXT_BYTES;
  context->uc_stack.ss_size = bytes - CONTEXT_BYTES - 64;
  context->uc_link = 0;
  makecontext(context, fiber_main, 0);
  t->context = context;
}
#endif

static void block_barrier(Thread *t, u64 vote, int line) {
  t->state = AT_BARRIER; t->value = vote; t->line = line;
  yield_to_scheduler(t);
}
