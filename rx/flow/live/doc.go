// Package live is a page in the browser that shows what a [flow.Monitor] sees: the runs that are under way as graphs, with
// rates, shares of time and buffers at every stage, the bottleneck among them, and how the last runs ended.
//
//	monitor := flow.NewMonitor(flow.Options{})
//	page, err := live.Listen("127.0.0.1:8090", monitor, live.Options{})
//	if err != nil {
//		return err
//	}
//	defer page.Close()
//	log.Println("Watch it on", page.URL())
//	report, err := sink.Insert[Alert](session, "lab.alerts").Write(flow.With(ctx, monitor), alerts)
//
// In a server of your own it is a handler, below a path that ends with a slash:
//
//	page := live.New(monitor, live.Options{})
//	mux.Handle("/flow/", http.StripPrefix("/flow", page))
//	server.RegisterOnShutdown(page.Close)
//
// Or the other way round: Options.Beside has the page's server serve more, such as /metrics.
//
// # What it costs
//
// A snapshot of the monitor a second while somebody looks, for all who look together, and nothing while nobody does: the
// page goes silent while its tab is hidden. It is 57 kB of files inside the program, which fetch nothing from elsewhere.
//
// # Who can see it
//
// The page only reads. It shows names of pipelines and stages, figures, and the texts of errors, which [flow.Options] can
// replace. It has no passwords. So it is for this machine: [Listen] takes no address that others can reach, and requests
// that name the server by anything but localhost or a loopback address are refused, so that a page from elsewhere cannot
// make a browser read it by a name that it lets point here (DNS rebinding). [Options] names hosts that are fine; who can
// reach it there is then yours to say, by a proxy that asks for a password, for example.
//
// # For programs
//
// Below the same path, snapshot.json is the [flow.Snapshot], and events is what the page gets, as server-sent events.
package live
