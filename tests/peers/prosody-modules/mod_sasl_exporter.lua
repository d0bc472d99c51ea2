-- Teaches Prosody 0.12, which knows tls-unique only, the channel binding of TLS 1.3: tls-exporter (RFC 9266),
-- and announces it (XEP-0440). For tests: a server nobody here wrote then judges our binding data.
local sasl = require "util.sasl";

require "util.sasl.scram".init(function (name, backends, step, types)
	if types then
		sasl.registerMechanism(name, backends, step, { "tls-unique", "tls-exporter" });
	end
end);

local function exporter(handler)
	return handler.userdata["tls-unique"]:exportkeyingmaterial("EXPORTER-Channel-Binding", 32, "");
end

-- mod_saslauth makes a handler, gives it the socket, and then asks for its mechanisms.
local methods = getmetatable(sasl.new("", {})).__index;
local mechanisms = methods.mechanisms;
function methods:mechanisms()
	local socket = self.userdata and self.userdata["tls-unique"];
	if socket and socket:info().protocol == "TLSv1.3" then
		self:add_cb_handler("tls-exporter", exporter);
	end
	return mechanisms(self);
end

module:hook("stream-features", function (event)
	local session = event.origin;
	if session.type == "c2s_unauthed" and session.secure then
		event.features:tag("sasl-channel-binding", { xmlns = "urn:xmpp:sasl-cb:0" })
			:tag("channel-binding", { type = "tls-exporter" }):up():up();
	end
end);
