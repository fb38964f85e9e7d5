// SPDX-License-Identifier: GPL-2.0
/*
 * frame_kunit - frames that are lost as no traffic loses them, and their counters
 *
 * A delivery inside another one takes netpoll at the wrong moment, and a frame that
 * can't be read a broken driver. Here both come when the test wants them.
 */
#include <kunit/test.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>

#include "filter.h"
#include "frame.h"
#include "kfunc.h"
#include "pool.h"
#include "ring_produce.h"
#include "trace.h"

#define POOL_ID		1
#define LENGTH		100U
#define MISSING		40U

/* The tracepoints without their events, which are the module's own. */
DEFINE_TRACE(netexpert_drop,
	     TP_PROTO(const struct nexp_pool *pool, int ring, enum netexpert_drop cause),
	     TP_ARGS(pool, ring, cause));
DEFINE_TRACE(netexpert_filter,
	     TP_PROTO(const struct nexp_pool *pool, u32 nr_programs, unsigned long bytes),
	     TP_ARGS(pool, nr_programs, bytes));

struct nexp_pool __rcu *nexp_table[NEXP_MAX_POOLS];

/* The filters here are not made as a session makes its own. */
int nexp_pool_charge(struct nexp_pool *of, unsigned long bytes)
{
	return -EDQUOT;
}

void nexp_pool_uncharge(struct nexp_pool *of, unsigned long bytes)
{
}

static struct nexp_pool *pool;
static struct nexp_filter *filter;
static struct sk_buff *skb;

static int frame_init(struct kunit *test)
{
	struct nexp_ring *ring;

	pool = kunit_kzalloc(test, struct_size(pool, rings, 1), GFP_KERNEL);
	filter = kunit_kzalloc(test, struct_size(filter, programs, 1), GFP_KERNEL);
	skb = alloc_skb(LENGTH, GFP_KERNEL);
	if (!pool || !filter || !skb)
		return -ENOMEM;
	skb_put_zero(skb, LENGTH);
	skb_reset_mac_header(skb);
	skb->dev = init_net.loopback_dev;

	mutex_init(&pool->lock);
	init_waitqueue_head(&pool->wait);
	pool->id = POOL_ID;
	pool->nr_rings = 1;
	pool->ring_size = PAGE_SIZE;
	pool->snaplen = U32_MAX;
	pool->status = vzalloc(PAGE_SIZE);
	pool->consumer = vzalloc(PAGE_SIZE);
	if (!pool->status || !pool->consumer)
		return -ENOMEM;
	ring = nexp_ring_create(pool, 0, NUMA_NO_NODE);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	pool->rings[0] = ring;
	rcu_assign_pointer(nexp_table[nexp_id_index(POOL_ID)], pool);
	return 0;
}

static void frame_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, raw_cpu_read(nexp_deliveries), 0);
	RCU_INIT_POINTER(nexp_table[nexp_id_index(POOL_ID)], NULL);
	kfree_skb(skb);
	skb = NULL;
	if (!pool)
		return;
	if (filter && filter->nr)
		bpf_prog_destroy(filter->programs[0].prog);
	nexp_ring_destroy(pool->rings[0]);
	vfree(pool->status);
	vfree(pool->consumer);
}

/* Frames of @link_type are wanted up to @keep bytes, others are nobody's. */
static void set_filter(struct kunit *test, u16 link_type, u32 keep)
{
	struct sock_filter insn = BPF_STMT(BPF_RET | BPF_K, keep);
	struct sock_fprog_kern code = { .len = 1, .filter = &insn };

	RCU_INIT_POINTER(pool->filter, NULL);
	if (filter->nr)
		bpf_prog_destroy(filter->programs[0].prog);
	filter->nr = 0;
	KUNIT_ASSERT_EQ(test, bpf_prog_create(&filter->programs[0].prog, &code), 0);
	filter->nr = 1;
	filter->programs[0].link_type = link_type;
	rcu_assign_pointer(pool->filter, filter);
}

/* Inside so many deliveries of this CPU. */
static int deliver(unsigned int inside, bool at_xdp)
{
	int ret;

	local_bh_disable();
	this_cpu_add(nexp_deliveries, inside);
	ret = at_xdp ? nexp_frame_deliver_xdp(pool, skb, 0) :
		       netexpert_frame_deliver((struct __sk_buff *)skb, POOL_ID, 0, 0);
	this_cpu_sub(nexp_deliveries, inside);
	local_bh_enable();
	return ret;
}

/* Of @skb the last bytes are in fragments that are not there. */
static int deliver_unreadable(u32 missing, bool at_xdp)
{
	int ret;

	skb->data_len += missing;
	skb->tail -= missing;
	ret = deliver(0, at_xdp);
	skb->data_len -= missing;
	skb->tail += missing;
	return ret;
}

static void expect_counters(struct kunit *test, u64 filtered, u64 delivered,
			    u64 unreadable, u64 nested)
{
	struct netexpert_ring_stat ring;
	struct netexpert_pool_stat stat = {};
	struct nexp_stat_arrays arrays = { .rings = &ring, .nr_rings = 1 };
	const struct netexpert_ring_stat *sum = &stat.out_sum;
	u64 all, news;
	int i;

	KUNIT_ASSERT_EQ(test, nexp_pool_stat(pool, &stat, &arrays, &news), 0);
	KUNIT_EXPECT_EQ(test, sum->filtered, filtered);
	KUNIT_EXPECT_EQ(test, sum->delivered, delivered);
	KUNIT_EXPECT_EQ(test, sum->delivered_bytes, delivered * LENGTH);
	KUNIT_EXPECT_EQ(test, sum->dropped[NETEXPERT_DROP_UNREADABLE], unreadable);
	KUNIT_EXPECT_EQ(test, sum->dropped[NETEXPERT_DROP_NESTED], nested);
	all = sum->filtered + sum->delivered;
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		all += sum->dropped[i];
	KUNIT_EXPECT_EQ(test, sum->seen, all);
	KUNIT_EXPECT_EQ(test, sum->seen, filtered + delivered + unreadable + nested);

	/* The same for the ring, which knows of no nested ones. */
	all = ring.filtered + ring.delivered;
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		all += ring.dropped[i];
	KUNIT_EXPECT_EQ(test, ring.seen, all);
	KUNIT_EXPECT_EQ(test, ring.dropped[NETEXPERT_DROP_NESTED], 0);
	KUNIT_EXPECT_EQ(test, ring.delivered, delivered);
	KUNIT_EXPECT_EQ(test, ring.dropped[NETEXPERT_DROP_UNREADABLE], unreadable);
}

static void lost_because_nested(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, deliver(1, false), -EBUSY);
	expect_counters(test, 0, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, deliver(1, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, deliver(2, false), -EBUSY);
	expect_counters(test, 0, 0, 0, 3);
	KUNIT_EXPECT_EQ(test, deliver(0, false), 0);
	expect_counters(test, 0, 1, 0, 3);
	/* No record tells of it: it is in no ring. */
	KUNIT_EXPECT_EQ(test, ((struct netexpert_record *)pool->rings[0]->data)->lost, 0);
}

/* What nobody wants is no loss there either; what nobody has judged is one. */
static void nested_and_not_wanted(struct kunit *test)
{
	set_filter(test, ARPHRD_LOOPBACK, 0);
	KUNIT_EXPECT_EQ(test, deliver(1, false), -ENOMSG);
	KUNIT_EXPECT_EQ(test, deliver(1, true), -ENOMSG);
	expect_counters(test, 2, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, deliver(0, false), -ENOMSG);
	expect_counters(test, 3, 0, 0, 0);
	set_filter(test, ARPHRD_ETHER, U32_MAX);
	KUNIT_EXPECT_EQ(test, deliver(1, false), -EBUSY);
	expect_counters(test, 3, 0, 0, 1);
	set_filter(test, ARPHRD_LOOPBACK, U32_MAX);
	KUNIT_EXPECT_EQ(test, deliver(1, false), -EBUSY);
	KUNIT_EXPECT_EQ(test, deliver(0, false), 0);
	expect_counters(test, 3, 1, 0, 2);
}

static void lost_because_unreadable(struct kunit *test)
{
	struct nexp_ring *ring = pool->rings[0];
	struct netexpert_record *record = ring->data;

	KUNIT_EXPECT_EQ(test, deliver_unreadable(1, false), -EFAULT);
	expect_counters(test, 0, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(LENGTH, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(MISSING, true), -EFAULT);
	expect_counters(test, 0, 0, 3, 0);
	/* A tag is put in between: what is missing lies behind it, or before. */
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 5);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(MISSING, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(LENGTH - 6, false), -EFAULT);
	__vlan_hwaccel_clear_tag(skb);
	expect_counters(test, 0, 0, 5, 0);

	/* Nothing of it is to be seen, and the next record tells. */
	KUNIT_EXPECT_EQ(test, ring->position, 0);
	KUNIT_EXPECT_EQ(test, ring->status->position, 0);
	KUNIT_EXPECT_EQ(test, ring->status->lost, 5);
	KUNIT_EXPECT_EQ(test, deliver(0, false), 0);
	KUNIT_EXPECT_EQ(test, record->lost, 5);
	KUNIT_EXPECT_EQ(test, record->lost_causes, BIT(NETEXPERT_DROP_UNREADABLE));
	expect_counters(test, 0, 1, 5, 0);
}

/* What is not kept need not be there, and what nobody wants neither. */
static void unreadable_where_nobody_reads(struct kunit *test)
{
	set_filter(test, ARPHRD_LOOPBACK, 0);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(MISSING, false), -ENOMSG);
	expect_counters(test, 1, 0, 0, 0);
	set_filter(test, ARPHRD_LOOPBACK, LENGTH - MISSING);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(MISSING, false), 0);
	KUNIT_EXPECT_EQ(test, deliver_unreadable(MISSING + 1, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, pool->rings[0]->stat.delivered, 1);
	KUNIT_EXPECT_EQ(test, pool->rings[0]->stat.delivered_bytes, LENGTH - MISSING);
	KUNIT_EXPECT_EQ(test, pool->rings[0]->stat.dropped[NETEXPERT_DROP_UNREADABLE], 1);
	KUNIT_EXPECT_EQ(test, pool->rings[0]->stat.seen, 3);
}

static struct kunit_case frame_cases[] = {
	KUNIT_CASE(lost_because_nested),
	KUNIT_CASE(nested_and_not_wanted),
	KUNIT_CASE(lost_because_unreadable),
	KUNIT_CASE(unreadable_where_nobody_reads),
	{}
};

static struct kunit_suite frame_suite = {
	.name = "netexpert_frame",
	.init = frame_init,
	.exit = frame_exit,
	.test_cases = frame_cases,
};

kunit_test_suite(frame_suite);
