// Offers a picture as PNG too, drawn by the browser from its SVG. Not from a disk: there a page may
// show a file but not read what it shows.
"use strict";
const SCALE = 2; // dots for each unit of the picture, so that its text is sharp
for (const link of document.querySelectorAll(".files a[href$='.svg']")) {
  if (!location.protocol.startsWith("http")) break;
  const button = document.createElement("button");
  [button.type, button.textContent] = ["button", "PNG"];
  button.addEventListener("click", async () => {
    const picture = Object.assign(new Image(), {src: link.href});
    try {
      await picture.decode();
    } catch {
      button.replaceWith("(this host cannot give a PNG)");
      return;
    }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.naturalWidth * SCALE, picture.naturalHeight * SCALE];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(png => {
      const download = link.href.split("/").at(-1).replace(".svg", ".png");
      const address = URL.createObjectURL(png);
      Object.assign(document.createElement("a"), {download, href: address}).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    });
  });
  link.after(" · ", button);
}
