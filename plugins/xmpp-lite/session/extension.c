/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extension: the table the linker made. */
#include "plugins/xmpp-lite/session/extension.h"

extern const struct xmpp_extension *const __start_xmpp_extensions[];
extern const struct xmpp_extension *const __stop_xmpp_extensions[];

guint xmpp_extension_count(void)
{
	return (guint)(__stop_xmpp_extensions - __start_xmpp_extensions);
}

const struct xmpp_extension *xmpp_extension_at(guint i)
{
	return __start_xmpp_extensions[i];
}
