// What the scripts of the page share: each adds its part to it.
declare var posecfg: any;
