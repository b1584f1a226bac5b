Reveal.initialize({ hash: true, slideNumber: "c/t", width: 1180, height: 720, margin: 0.05, center: false, transition: "none" });
