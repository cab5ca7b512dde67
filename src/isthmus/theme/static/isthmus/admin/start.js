// Starts the widgets that Wagtail's pages start by scripts written into the page, which our policy forbids.
// What to start stands in data attributes, and only what is named here is started: an attribute is no script.
(() => {
  "use strict";
  const MADE = ["Chooser", "DocumentChooser", "ImageChooser", "InlinePanel", "MultipleChooserPanel", "PageChooser", "SnippetChooser"];
  const CALLED = ["createTaskChooser", "initDateChooser", "initDateTimeChooser", "initTimeChooser"];

  function start(mark) {
    const name = mark.dataset.isthmusStart;
    const given = JSON.parse(mark.dataset.isthmusWith);
    // Once: a row that is moved to another place is seen as a new one.
    mark.removeAttribute("data-isthmus-start");
    try {
      if (MADE.includes(name)) new window[name](...given);
      else if (CALLED.includes(name)) window[name](...given);
    } catch (error) {
      // The field is there all the same; the others must be started.
      console.error(`${name} could not be started`, error);
    }
  }

  function startAll(element) {
    if (element.matches("[data-isthmus-start]")) start(element);
    element.querySelectorAll("[data-isthmus-start]").forEach(start);
  }

  // From the head of the page on, so that each is started as soon as it is read, in their order, as a script would be.
  new MutationObserver((changes) => {
    changes.forEach((change) => change.addedNodes.forEach((node) => node.nodeType === Node.ELEMENT_NODE && startAll(node)));
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
