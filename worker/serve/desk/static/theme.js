// Before the first paint: the theme that this browser chose last.
try {
  const theme = localStorage.getItem("dateline-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* storage is off: the system's theme */ }
