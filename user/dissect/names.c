// SPDX-License-Identifier: GPL-2.0
/*
 * names - the memory of Wireshark's tables of names
 *
 * Vendors by MAC address, ports, and each address that a frame had. A new session
 * makes new tables, and Wireshark 4.0 forgets the old ones with all that is in
 * them, 8 MiB, in memory that lasts as long as the process.
 */
#include <epan/addr_resolv.h>

#include "names.h"

static wmem_map_t *(*const get_table[NEXP_NR_NAME_TABLES])(void) = {
	get_manuf_hashtable,	 get_wka_hashtable,  get_eth_hashtable,
	get_serv_port_hashtable, get_ipxnet_hash_table, get_vlan_hash_table,
	get_ipv4_hash_table,	 get_ipv6_hash_table,
};

/** nexp_names_get() - those of the last session. */
void nexp_names_get(struct nexp_names *names)
{
	int i;

	for (i = 0; i < NEXP_NR_NAME_TABLES; i++)
		names->table[i] = get_table[i]();
}

/* Its values, and its keys if they are no numbers and no parts of the values. */
static void empty(wmem_map_t *table, bool has_own_keys)
{
	wmem_list_t *keys = wmem_map_get_keys(NULL, table);
	wmem_list_frame_t *key;

	for (key = wmem_list_head(keys); key; key = wmem_list_frame_next(key)) {
		wmem_free(wmem_epan_scope(),
			  wmem_map_remove(table, wmem_list_frame_data(key)));
		if (has_own_keys)
			wmem_free(wmem_epan_scope(), wmem_list_frame_data(key));
	}
	wmem_destroy_list(keys);
}

/**
 * nexp_names_free_forgotten() - after a new session has begun
 * @before: as nexp_names_get() had them before.
 *
 * The tables themselves stay lost, half a MiB.
 */
void nexp_names_free_forgotten(const struct nexp_names *before)
{
	int i;

	for (i = 0; i < NEXP_NR_NAME_TABLES; i++)
		if (before->table[i] && before->table[i] != get_table[i]())
			empty(before->table[i], get_table[i] == get_wka_hashtable);
}
