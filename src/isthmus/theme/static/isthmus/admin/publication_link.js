// Links from one publication to another in the text editor: the chooser's answer becomes an entity with a number.
(() => {
  "use strict";

  class PublicationSource extends window.draftail.ModalWorkflowSource {
    getChooserConfig() {
      return {
        url: this.props.entityType.chooserUrls.publicationChooser,
        urlParams: {},
        onload: window.CHOOSER_MODAL_ONLOAD_HANDLERS,
        responses: { chosen: (chosen) => this.onChosen({ ...chosen, title: chosen.string }) },
      };
    }

    filterEntityData(chosen) {
      return { id: chosen.id, url: chosen.edit_url, title: chosen.string };
    }
  }

  function decorator(props) {
    const data = props.contentState.getEntity(props.entityKey).getData();
    const icon = window.React.createElement("svg", { className: "icon icon-openquote", "aria-hidden": "true" },
      window.React.createElement("use", { href: "#icon-openquote" }));
    return window.React.createElement(window.draftail.TooltipEntity, {
      ...props,
      icon,
      label: data.title || `Publication ${data.id}`,
      url: data.url || "",
    });
  }

  window.draftail.registerPlugin({ type: "PUBLICATION", source: PublicationSource, decorator }, "entityTypes");
})();
