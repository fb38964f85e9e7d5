// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert config - show, change or drop what is stored for an expert
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../supervisor/configure.h"
#include "cli.h"
#include "config.h"
#include "output.h"
#include "paths.h"
#include "text.h"

static const char help_text[] =
	"Usage: netexpert config EXPERT\n"
	"       netexpert config EXPERT=OPTIONS\n"
	"       netexpert config --defaults EXPERT\n"
	"\n"
	"Shows what is stored for EXPERT, a name that 'netexpert list' shows or the path of a\n"
	"plug-in, with a '/' in it. With OPTIONS, which are the expert's own, lets the expert\n"
	"make a new configuration of what is stored and of them, and stores that. 'netexpert\n"
	"run' says so when it uses one. This needs neither the module nor an interface.\n"
	"\n"
	"      --defaults  drop what is stored: the expert has its defaults again\n"
	"  -h, --help      this text\n"
	"\n"
	"A configuration is a block of bytes that only its expert understands. What is text is\n"
	"shown as text, and anything else as bytes, as hexdump(1) does. To make it, the plug-in\n"
	"is loaded in a process without rights (as root, it becomes nobody), and may take 60 s.\n"
	"\n"
	"FILES\n"
	"A configuration is in EXPERT.conf, which its owner alone can read, in\n"
	"  " NEXP_CONFDIR "              of root\n"
	"  $XDG_CONFIG_HOME/netexpert  of another user; ~/.config/netexpert if that is not set\n"
	"  $NETEXPERT_CONFIG           in place of both\n"
	"It is replaced as a whole; two that are made at a time wait for one another. One that\n"
	"is damaged is told and left alone. A plug-in of the same name that is another expert\n"
	"is refused.\n"
	"\n"
	"EXAMPLES\n"
	"  netexpert config top-users=top=20,base=mac\n"
	"  netexpert config top-users\n"
	"  netexpert run -i eth0 top-users             # 20 MAC addresses\n"
	"  netexpert run -i eth0 top-users=top=5       # 5 MAC addresses, this time\n"
	"  netexpert run -i eth0 --no-config top-users # what it does by itself\n"
	"\n"
	"EXIT STATUS\n"
	"   0  done\n"
	"   1  the expert refused, or died, or what is stored is damaged\n"
	"   2  the command line makes no sense\n"
	"  77  not permitted\n";

/**
 * struct config - a subcommand under way
 * @spec: the expert, with its options.
 * @dir: where configurations are.
 */
struct config {
	struct nexp_expert_spec spec;
	char *dir;
};

static int show_stored(const struct config *config, const struct nexp_stored *stored)
{
	struct nexp_output output = { .fd = STDOUT_FILENO };
	struct nexp_buffer text = { 0 };

	if (stored) {
		nexp_text_put(&text, stored->expert, strlen(stored->expert));
		nexp_buffer_printf(&text, ": %u bytes in ", stored->length);
		nexp_text_put(&text, stored->path, strlen(stored->path));
		nexp_buffer_puts(&text, "\n");
		nexp_config_put(&text, stored->block, stored->length);
	} else {
		nexp_text_put(&text, config->spec.name, strlen(config->spec.name));
		nexp_buffer_puts(&text, ": nothing is stored in ");
		nexp_text_put(&text, config->dir, strlen(config->dir));
		nexp_buffer_puts(&text, ": it has its defaults\n");
	}
	nexp_output_write(&output, text.bytes, text.length);
	nexp_buffer_free(&text);
	if (!output.broken)
		return NEXP_EXIT_OK;
	nexp_complain("writing to standard output: %s", strerror(output.code));
	return NEXP_EXIT_FAILURE;
}

static int show(const struct config *config)
{
	struct nexp_stored *stored;
	struct nexp_error err;
	int code;

	if (nexp_stored_load(config->dir, config->spec.name, &stored, &err))
		return nexp_error_exit(&err);
	code = show_stored(config, stored);
	nexp_stored_free(stored);
	return code;
}

static void pass_line(void *owner, const char *line, size_t length, uint64_t nr_dropped)
{
	const struct config *config = owner;

	if (nr_dropped)
		nexp_complain("%s: (%llu lines dropped)", config->spec.name,
			      (unsigned long long)nr_dropped);
	nexp_complain("%s: %.*s", config->spec.name, (int)length, line);
}

/* It may be somebody else's for as long as an expert may take. */
static int take_turn(const struct config *config, struct nexp_storing *storing,
		     struct nexp_error *err)
{
	int code = nexp_storing_begin(storing, config->dir, config->spec.name, false, err);

	if (code != -EWOULDBLOCK)
		return code;
	nexp_complain("%s; waiting for it", err->text);
	nexp_storing_end(storing);
	return nexp_storing_begin(storing, config->dir, config->spec.name, true, err);
}

/* Configure said that there shall be none. */
static int put_none(const struct config *config, struct nexp_storing *storing,
		    struct nexp_error *err)
{
	int code = nexp_storing_drop(storing, err);

	if (code && code != -ENOENT)
		return code;
	nexp_complain("%s: it left no configuration, so nothing is stored", config->spec.name);
	return 0;
}

static int put(const struct config *config, struct nexp_storing *storing,
	       const struct nexp_configuration *made, struct nexp_error *err)
{
	int code;

	if (made->nr_ignored)
		nexp_complain("%s: it submitted %llu events, which only a run shows",
			      config->spec.name, (unsigned long long)made->nr_ignored);
	if (!made->length)
		return put_none(config, storing, err);
	code = nexp_storing_put(storing, made->expert, made->block, made->length, err);
	if (!code)
		nexp_complain("%s: %u bytes stored in %s", config->spec.name, made->length,
			      storing->path);
	return code;
}

static int configure(struct config *config, struct nexp_storing *storing, const char *host,
		     struct nexp_error *err)
{
	struct nexp_host_args args = {
		.program = host,
		.plugin = config->spec.plugin,
		.name = config->spec.name,
		.options = config->spec.options,
		.configure = true,
	};
	struct nexp_configuration made;
	struct nexp_stored *stored;
	int code;

	code = nexp_stored_load(config->dir, config->spec.name, &stored, err);
	if (code)
		return code;
	args.stored = stored;
	code = nexp_configure(&args, pass_line, config, &made, err);
	nexp_stored_free(stored);
	return code ? code : put(config, storing, &made, err);
}

static int change(struct config *config)
{
	struct nexp_storing storing;
	struct nexp_error err;
	char *host;
	int code;

	host = nexp_libexec_program("netexpert-host", &err);
	if (!host)
		return nexp_error_exit(&err);
	code = take_turn(config, &storing, &err);
	if (!code)
		code = configure(config, &storing, host, &err);
	nexp_storing_end(&storing);
	free(host);
	return code ? nexp_error_exit(&err) : NEXP_EXIT_OK;
}

static int drop(const struct config *config)
{
	struct nexp_storing storing;
	struct nexp_error err;
	int code;

	/* Nothing is made for the sake of dropping nothing. */
	if (access(config->dir, F_OK) && errno == ENOENT)
		return NEXP_EXIT_OK;
	code = take_turn(config, &storing, &err);
	if (!code)
		code = nexp_storing_drop(&storing, &err);
	if (!code)
		nexp_complain("%s: %s is gone, it has its defaults", config->spec.name,
			      storing.path);
	nexp_storing_end(&storing);
	return code && code != -ENOENT ? nexp_error_exit(&err) : NEXP_EXIT_OK;
}

static int run(struct config *config, const char *expert, bool defaults)
{
	struct nexp_error err;
	int code;

	code = nexp_expert_parse(expert, &config->spec, &err);
	if (code == -EINVAL)
		return nexp_usage_error("config", "%s", err.text);
	if (code)
		return nexp_error_exit(&err);
	if (defaults && config->spec.options)
		return nexp_usage_error("config", "--defaults drops all that is stored, and '%s' "
					"stores something: two commands do both", expert);
	config->dir = nexp_config_dir();
	if (!config->dir) {
		nexp_complain("where are configurations? None of NETEXPERT_CONFIG, "
			      "XDG_CONFIG_HOME and HOME says so");
		return NEXP_EXIT_FAILURE;
	}
	if (defaults)
		return drop(config);
	return config->spec.options ? change(config) : show(config);
}

int nexp_cmd_config(int argc, char **argv)
{
	static const struct option options[] = {
		{ "defaults", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct config config = { 0 };
	bool defaults = false;
	int option, code;

	while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			defaults = true;
			break;
		case 'h':
			return nexp_print_help(help_text);
		default:
			return nexp_option_error("config", option, argv);
		}
	}
	if (optind == argc)
		return nexp_usage_error("config", "which EXPERT? 'netexpert list' shows what "
					"there is");
	if (optind < argc - 1)
		return nexp_usage_error("config", "one EXPERT at a time: '%s' is one too many",
					argv[optind + 1]);
	code = run(&config, argv[optind], defaults);
	nexp_expert_spec_free(&config.spec);
	free(config.dir);
	return code;
}
