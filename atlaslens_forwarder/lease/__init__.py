"""Who of several forwarders does which work: leases, judged without trusting another host's clock. Pure."""
