// SPDX-License-Identifier: GPL-2.0
/*
 * cases - capture programs that are not as they should be, each behind its name
 *
 * own_test says what becomes of them.
 */
#include <netexpert.bpf.h>

#define LICENCE	"GPL"

#if defined(CASE_verdict)

/* Loads. At tc 2 means drop, and nobody listens. */
NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	netexpert_frame_deliver(skb, pool_id, 0, 0);
	(void)out;
	return 2;
}

#elif defined(CASE_twice)

/* Loads. Each frame is delivered in the full and once more in a few bytes. */
NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	netexpert_frame_deliver(skb, pool_id, 0, 0);
	(void)out;
	return netexpert_frame_deliver(skb, pool_id, 14, 0);
}

#elif defined(CASE_types)

/* Loads. Options of every size; what they are is delivered. */
const volatile __u8 u8 = 1;
const volatile __s8 s8 = 1;
const volatile __u16 u16 = 1;
const volatile __s16 s16 = 1;
const volatile __s32 s32 = 1;
const volatile __u64 u64 = 1;
const volatile __s64 s64 = 1;
const volatile _Bool yes = 1;
const volatile char text[8] = "none";
const volatile void *const volatile pointer = 0;
static const volatile __u32 hidden = 1;
volatile __u32 variable = 1;

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	__s64 is[] = { u8, s8, u16, s16, s32, u64, s64, yes };

	(void)skb;
	(void)out;
	if (text[0] && !pointer && hidden && variable++ == 1)
		netexpert_bytes_deliver(pool_id, is, sizeof(is), 0);
	return 0;
}

#elif defined(CASE_arguments)

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb)
{
	return (int)skb->len;
}

#elif defined(CASE_changes)

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	char bytes[4] = "no!";

	(void)pool_id;
	(void)out;
	return (int)bpf_skb_store_bytes(skb, 0, bytes, sizeof(bytes), 0);
}

#elif defined(CASE_endless)

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	volatile __u32 i = 0;

	(void)pool_id;
	while (i < skb->len + out)
		i++;
	return 0;
}

#elif defined(CASE_unchecked)

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)pool_id;
	(void)out;
	return ((char *)(long)skb->data)[14];
}

#elif defined(CASE_unknown)

extern int netexpert_frobnicate(struct __sk_buff *skb) __ksym;

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)pool_id;
	(void)out;
	return netexpert_frobnicate(skb);
}

#elif defined(CASE_proprietary)

#undef LICENCE
#define LICENCE	"Proprietary"

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)out;
	return netexpert_frame_deliver(skb, pool_id, 0, 0);
}

#elif defined(CASE_two)

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)out;
	return netexpert_frame_deliver(skb, pool_id, 0, 0);
}

NETEXPERT_CAPTURE
int capture_too(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)out;
	return netexpert_frame_deliver(skb, pool_id, 0, 0);
}

#elif defined(CASE_stowaway)

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)out;
	return netexpert_frame_deliver(skb, pool_id, 0, 0);
}

SEC("kprobe/do_exit")
int stowaway(void *ctx)
{
	return !ctx;
}

#elif defined(CASE_pinned) || defined(CASE_huge)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
#ifdef CASE_huge
	__uint(max_entries, 0xffffffff);
#else
	__uint(max_entries, 1);
	__uint(pinning, 1);
#endif
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

NETEXPERT_CAPTURE
int capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	(void)pool_id;
	(void)skb;
	return !bpf_map_lookup_elem(&numbers, &out);
}

#elif defined(CASE_nothing)

int nothing;

#endif

char LICENSE[] SEC("license") = LICENCE;
